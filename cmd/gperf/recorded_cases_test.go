package main

// recordedCase is a definition over testdata/recorded/recorded.c and what has to be recorded: a line for each hit, each the values
// as script prints them.
type recordedCase struct {
	define string
	want   string
	// Where the value cannot be had: in builds whose names match, the error has to say this.
	builds, refused string
}

const (
	optimised = `O[23]`
	clangO    = `clang -O2`
)

func recordedCases() []recordedCase {
	return []recordedCase{
		// Numbers of all sizes and signs, as they are and by casts.
		{"ints a b c d e f", `a=-5 b=0xfa c=-500 d=0xfde8 e=-50000 f=0xb2d05e00`, "", ""},
		{"ints a:u b:u c:u d:u e:u f:u", `a_u=251 b_u=250 c_u=65036 d_u=65000 e_u=4294917296 f_u=3000000000`, "", ""},
		{"ints a:x b:s c:x d:s e:x f:s", `a_x=0xfb b_s=-6 c_x=0xfe0c d_s=-536 e_x=0xffff3cb0 f_s=-1294967296`, "", ""},
		{"ints b:s8 e:s8 f:x8 e:u16", `b_s8=-6 e_s8=-80 f_x8=0x0 e_u16=15536`, "", ""},
		{"ints first=a second=e", `first=-5 second=-50000`, "", ""},
		{"longs a b c d e", `a=-1099511627776 b=0x8000000000000000 c=-9 d=0xa e=0xb`, "", ""},
		{"longs a:b8@40/64 b:b1@63/64", `a_b8_40_64=255 b_b1_63_64=1`, "", ""},
		{"stacked g h i:char i", `g=-7 h=8 i_char='i' i=105`, "", ""},
		{"stacked a b c d e f g h i", `a=1 b=2 c=3 d=4 e=5 f=6 g=-7 h=8 i=105`, "", ""},
		{"enums c m yes no", `c=GREEN m=SAD yes=true no=false`, "", ""},
		{"enums c:u m:s", `c_u=1 m_s=-1`, "", ""},
		// Text.
		{"texts s:string t:string u:string v:string", `s_string="text" t_string="" u_string="bytes" v_string="void"`, "", ""},
		{"texts first=argv[1]:string second=argv[2]:string", `first="one" second="two"`, "", ""},
		{"texts argv[0-2]:string", `argv={"zero","one","two"}`, "", ""},
		{"texts a=s[0]:char b=s[3]:u8 c=u[1-2]:x8", `a='t' b=116 c={0x79,0x74}`, "", ""},
		{"texts s:ustring", `s_ustring="text"`, "", ""},
		{"texts+0 a=+0(%di):string", `a="text"`, "", ""},
		// Members, by all ways that lead to one.
		{"members p->c p->uc p->s p->us p->i p->u p->l p->ul", `c=-1 uc=0xc8 s=-300 us=0xea60 i=-70000 u=0xee6b2800 l=-5000000000 ul=0xf9ccd8a1c5080000`, "", ""},
		{"members p->f p->d p->yes p->no p->color p->mood", `f=1.5 d=-2.25 yes=true no=false color=BLUE mood=SAD`, "", ""},
		{"members p->at.x p->at.y p->inner p->in_union p->num.f", `x=11 y=-12 inner=13 in_union=14 f=1.5`, "", ""},
		{"members p->row[2] p->grid[1][2] p->num.bytes[3]", `row=30 grid=6 bytes=0x3f`, "", ""},
		{"members p->row[0-3] p->grid[1][0-1]", `row={10,20,30,40} grid={4,5}`, "", ""},
		{"members p->reals p->half p->hues p->marks p->huge", `reals={0.5,-2} half={1.5,4} hues={BLUE,RED} marks={true,false,true} huge={0x1,0x0,0x2,0x0}`, "", ""},
		{"members p->grid second=p->grid[1] last=p->hues[0-1] p->huge[0-1]", `grid={1,2,3,4,5,6} second={4,5,6} last={BLUE,RED} huge={0x1,0x0,0x2,0x0}`, "", ""},
		{"members p->items", "", ".", "no type for a row of struct item"},
		{"members p->items[0-1]", "", ".", "no type for a row of struct item"},
		{"members p->flex", "", ".", "does not tell how many elements"},
		{"members p->items[1].name:string p->first->label:string p->first->next->id", `name="cup" label="white" id=1`, "", ""},
		{"members one=p->names[1]:string all=p->names[0-2]:string", `one="green" all={"red","green","blue"}`, "", ""},
		{"members p->nothing p->sraw:string p->anything:string p->raw[0-3]:u8", `nothing=0x0 sraw="sgn" anything="any" raw={1,2,254,255}`, "", ""},
		{"members p->bits.a p->bits.b p->bits.c p->bits.f p->bits.s", `a=5 b=-3 c=123456789012 f=1 s=-8`, "", ""},
		{"members p->bits.b:u p->bits.c:x p->bits.f:s", `b=29 c=123456789012 f=-1`, "", ""},
		{"members p->vol p->self->self->i p->flex:string fifth=p->flex[4]:char", `vol=77 i=-70000 flex="flexible" fifth='i'`, "", ""},
		{"members p->label", "", ".", "has no member label"},
		{"members p.i", "", ".", "write ->i instead"},
		{"members p->at->x", "", ".", "write .x instead"},
		{"members nosuch", "", ".", "nosuch"},
		// Structures by value: in registers and on the stack.
		{"by_value p.x p.y n", `x=21 y=-22 n=5`, clangO, "optimised out"},
		{"by_value w.a w.b w.c w.d", `a=31 b=-32 c=33 d=34`, "", ""},
		{"by_value p", `p_x=21(?: p_y=-22)?`, "", ""}, // clang leaves y out
		{"by_value w", `w_a=31 w_b=-32 w_c=33 w_d=34`, "", ""},
		{"members p->at p->bits", `at_x=11 at_y=-12 bits_a=5 bits_b=-3 bits_c=123456789012 bits_f=1 bits_s=-8`, "", ""},
		{"floats a b n", `a=1.5 b=2.5 n=3`, optimised, "register xmm0"},
		{"longs big", `big={0x0,0x1000000000}`, clangO, "register r9"},
		// What is not of the function.
		{"globals n g_counter s_counter g_item.id g_item.name:string g_double g_text:string", `n=1 g_counter=42 s_counter=7 id=99 name="global" g_double=0.125 g_text_string="global text"`, "", ""},
		{"globals g_item.next->next->label:string @g_counter:s32 counter=@g_counter+0:u8", `label="glabel" arg2=42 counter=42`, "", ""},
		{`globals \5 minus=\-3:s32 $comm`, `arg1=0x5 minus=-3 arg3="recorded"`, "", ""},
		{`globals text=\"hi":string`, "", ".", "only for probes of the kernel"},
		{"matrix rows[1][2] n pts[1].y pts->x", `rows=6 n=2 y=4 x=1`, "", ""},
		{"pointers pp[0]->i ip[0] fn", `i=-70000 ip=1 fn=0x[0-9a-f]+`, "", ""},
		{"pointers *ip", `ip=1`, "", ""},
		// Returns.
		{"returns%return $retval", `arg1=0x2a`, "", ""},
		{"returns%return got=$retval:s32", `got=42`, "", ""},
		{"returns%return $retval->x", "", ".", "it is no pointer"},
		{"gives_text%return text=$retval:string", `text="given"`, "", ""},
		{"gives_point%return $retval", "retval_x=3 retval_y=-3", "", ""},
		{"gives_wide%return $retval d=$retval.d", "retval_a=4 retval_b=5 retval_c=6 retval_d=-7 d=-7", "", ""},
		{"gives_item%return $retval->id $retval->name:string", `id=99 name="global"`, "", ""},
		{"gives_text%return +0($retval):string", `arg1="given"`, "", ""},
		// Sets, and several hits.
		{"repeated n", "n=3\nn=4\nn=5", "", ""},
		{"repeated $params", "n=3\nn=4\nn=5", "", ""},
		{"ints $params", `a=-5 b=0xfa c=-500 d=0xfde8 e=-50000 f=0xb2d05e00`, "", ""},
		{"matrix $params", `rows=0x[0-9a-f]+ n=2 pts=0x[0-9a-f]+`, "", ""},
		{"inlined x tag:string", "x=21 tag_string=\"one\"\nx=9 tag_string=\"two\"", optimised, ""},
		// Lines.
		{"lines:4 sum", "sum=1\nsum=3\nsum=6", "", ""},
		{"recorded.c:{KEEP(sum); /* in the loop */}", "\n\n", "", ""},
		{"lines;return*", "", "", ""},
		{"returns@recorded.c n", `n=21`, "", ""},
		{"globa* n", "n=1", "", ""},
		{"up n", `n=1`, "", ""},
		{"D n", `n=2`, "", ""},
		{"wide_text w[0] w[3]:char", "", ".", "is used twice"},
		{"wide_text n w[0] last=w[3]:char", `n=4 w=119 last='e'`, "", ""},
	}
}
