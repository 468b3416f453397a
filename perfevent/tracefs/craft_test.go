package tracefs

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

const craftFields = `	field:unsigned short common_type;	offset:0;	size:2;	signed:0;
	field:unsigned char common_flags;	offset:2;	size:1;	signed:0;
	field:unsigned char common_preempt_count;	offset:3;	size:1;	signed:0;
	field:int common_pid;	offset:4;	size:4;	signed:1;

	field:s8 s8;	offset:8;	size:1;	signed:1;
	field:u8 u8;	offset:9;	size:1;	signed:0;
	field:s16 s16;	offset:10;	size:2;	signed:1;
	field:u32 u32;	offset:12;	size:4;	signed:0;
	field:s32 s32;	offset:16;	size:4;	signed:1;
	field:u16 u16;	offset:20;	size:2;	signed:0;
	field:char name[10];	offset:22;	size:10;	signed:0;
	field:unsigned long ulong;	offset:32;	size:8;	signed:0;
	field:long slong;	offset:40;	size:8;	signed:1;
	field:void * ptr;	offset:48;	size:8;	signed:0;
	field:u8 mac[6];	offset:56;	size:6;	signed:0;
	field:u8 ip4[4];	offset:62;	size:4;	signed:0;
	field:u8 ip6[16];	offset:66;	size:16;	signed:0;
	field:u8 arr8[4];	offset:82;	size:4;	signed:0;
	field:u16 arr16[3];	offset:86;	size:6;	signed:0;
	field:u64 arr64[2];	offset:96;	size:16;	signed:0;
	field:__data_loc char[] str;	offset:112;	size:4;	signed:0;
	field:__data_loc u32[] dyn;	offset:116;	size:4;	signed:0;
	field:__rel_loc char[] rstr;	offset:120;	size:4;	signed:0;
	field:__data_loc u8[] bytes;	offset:124;	size:4;	signed:0;
	field:u64 u64;	offset:128;	size:8;	signed:0;
	field:s64 s64;	offset:136;	size:8;	signed:1;
	field:struct foo foo;	offset:144;	size:12;	signed:0;
	field:__data_loc unsigned long[] mask;	offset:156;	size:4;	signed:0;
	field:u8 sa4[28];	offset:160;	size:28;	signed:0;
`

func TestCraft(t *testing.T) {
	formats := []string{
		`"%d|%u|%x|%hd|%hhd|%hhu", REC->s8, REC->u8, REC->u8, REC->s16, REC->s8, REC->s8`,
		`"%5d|%-5d|%05d|%#x|%#o|%08lx|%lX|%.3d|%8.3d|%llu", REC->s32, REC->s32, REC->s32, REC->u32, REC->u32, REC->ulong, REC->ulong, REC->u16, REC->u16, REC->u64`,
		`"%s|%10s|%-10s|%.3s|%.*s", REC->name, REC->name, REC->name, REC->name, 2, REC->name`,
		`"%s|%10s|%-10s|%.3s|%.*s", __get_str(str), __get_str(str), __get_str(str), __get_str(str), 2, __get_str(str)`,
		`"%s %s", __get_rel_str(rstr), REC->ptr`,
		`"%p|%10p|%pS|%ps|%pF|%pf", REC->ptr, REC->ptr, REC->ulong, REC->ulong, REC->ulong, REC->ulong`,
		`"%pM|%pMR|%pMF|%pm|%pmR", REC->mac, REC->mac, REC->mac, REC->mac, REC->mac`,
		`"%pI4|%pi4|%pI4h|%pI4n|%pI4l|%pI4b|%pI4.", REC->ip4, REC->ip4, REC->ip4, REC->ip4, REC->ip4, REC->ip4, REC->ip4`,
		`"%pI6|%pi6|%pI6c|%pI6cx", REC->ip6, REC->ip6, REC->ip6, REC->ip6`,
		`"%pU|%pUb|%pUB|%pUl|%pUL", REC->ip6, REC->ip6, REC->ip6, REC->ip6, REC->ip6`,
		`"%pISpc|%pIS|%pISc|%pISpfsc|", REC->sa4, REC->sa4, REC->sa4, REC->sa4`,
		`"%*ph|%*phC|%*phD|%*phN|%3ph", 4, __get_dynamic_array(bytes), 5, __get_dynamic_array(bytes), 2, __get_dynamic_array(bytes), 30, __get_dynamic_array(bytes), __get_dynamic_array(bytes)`,
		`"%pK|%px|%pd|%pB|%pR|%pV", REC->ptr, REC->ptr, REC->ptr, REC->ptr, REC->ptr, REC->ptr`,
		`"%s", __print_flags(REC->u8, "|", { 1, "A" }, { 2, "B" }, { 4, "C" })`,
		`"%10s|", __print_flags(REC->u8, "|", { 1, "A" }, { 2, "B" }, { 4, "C" })`,
		`"%-10s|%s", __print_symbolic(REC->u16, { 0, "zero" }, { 1, "one" }), __print_symbolic(REC->s32, { -1, "minus" }, { 0, "zero" })`,
		`"%s|%s", __print_hex(REC->arr8, 4), __print_hex_str(REC->arr8, 4)`,
		`"%s|%s", __print_array(REC->arr16, 3, 2), __print_array(__get_dynamic_array(dyn), 2, 4)`,
		`"%d %d %x %x", REC->arr8[1], REC->arr16[1], REC->arr64[0], REC->arr8[0] + 1`,
		`"%llx %lx", REC->arr64[1], ((unsigned long)REC->arr64[1])`,
		`"%x %x", ((u32 *)__get_dynamic_array(dyn))[0], ((u32 *)__get_dynamic_array(dyn))[1]`,
		`"%s", __get_bitmask(mask)`,
		`"%d", __get_dynamic_array_len(bytes)`,
		`"%d", sizeof(int)`,
		`"%d", unknown_function(REC->u8)`,
		`"%s", REC->u8 ? "yes" : "no"`,
		`"%s", REC->u8 & 1 ? "odd" : REC->u8 == 2 ? "two" : "even"`,
		`"%d %d %d", REC->s32 < 0, REC->s16 < 0, -REC->s32`,
		`"%d %d", REC->u32 + 2 * 3, (REC->u32 - 1) - 2`,
		`"%d", REC->u32 - 1 - 2`,
		`"%d %d", REC->u32 / 2, REC->u32 %% 7`,
		`"%d", REC->u32 % 7`,
		`"%c %d", REC->u8, REC->u8`,
		`"%+d % d|", REC->s32, REC->s32`,
		`"%zu %zd", REC->ulong, REC->ulong`,
		`"%s", (char *)REC->name`,
		`"%s", ((char *)__get_str(str))`,
		`"a\tb\\c\"d%%e\x41"`,
		`"%s %s", "lit", REC->name`,
		`"%d %d", REC->u8`,
		`"%lu", (unsigned long)REC->s32`,
		`"%ld", (long)REC->s32`,
		`"%d", (s8)REC->u32`,
		`"%d", (int)(REC->u8 << 3) >> 1`,
		`"%x", ~REC->u8`,
		`"%d", !REC->u8`,
		`"%d", REC->u8 && REC->u16 || REC->u32`,
		`"%s", REC->bytes`,
		`"%s", REC->str`,
		`"%d", REC->missing`,
		`"%i %o %X", REC->s32, REC->u32, REC->u32`,
		`"%5.2s|%-5.2s|%5c", REC->name, REC->name, REC->u8`,
		`"%pI4", &REC->u32`,
		`"%pI4", __get_dynamic_array(bytes)`,
		`"%s:%d", __print_flags(REC->u32 & 0xff, " ", { 0x1UL, "x" }), REC->u32 >> 8`,
		`"%s", REC->foo`,
		`"%x", REC->foo`,
		`"%lu", REC->arr64`,
		`"%s", (REC->u8) ? __print_flags(REC->u8, "|", {1, "q"}) : "none"`,
		`"%d", REC->u8 == 'a'`,
		`"%j %d", REC->u8, REC->u8`,
		`"%f %d", REC->u8, REC->u8`,
		`"%*d|%-*d|%.*d", 5, REC->u8, 5, REC->u8, 5, REC->u8`,
		`"%" "d" " and %d", REC->u8, REC->u16`,
		`"%#08x %#x %#lx", REC->u32, 0, REC->ulong`,
		`"%s %d", false ? "a" : "b", NULL`,
		`"%d", __builtin_expect(REC->u8, 1)`,
		`"%d", __builtin_expect(!!(REC->u8), 1)`,
		`"%d", __builtin_constant_p(REC->u8)`,
	}
	r := rand.New(rand.NewPCG(3, 4))
	var events []oracleEvent
	var fs []*Format
	for i, pf := range formats {
		text := fmt.Sprintf("name: craft%d\nID: %d\nformat:\n%s\nprint fmt: %s\n", i, 60000+i, craftFields, pf)
		f, err := ParseFormat([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			raw := fillRaw(f, r)
			for j := range 10 {
				raw[22+j] = "abcdefghi\x00"[j]
			}
			raw[160], raw[161] = 2, 0
			if r.IntN(2) == 0 {
				raw[160] = 10
			}
			events = append(events, oracleEvent{"craft", []byte(text), 60000 + i, raw})
			fs = append(fs, f)
		}
	}
	texts := askPerf(t, events)
	last := ""
	for i, want := range texts {
		got := string(fs[i].AppendText(nil, events[i].raw, oracleContext()))
		if got != want {
			if fs[i].PrintFmt != last {
				t.Logf("%s  %v", fs[i].PrintFmt, fs[i].PrintErr())
				last = fs[i].PrintFmt
			}
			t.Logf("\n got %q\nwant %q", got, strings.TrimSuffix(want, "\n"))
		}
	}
}
