package symtab

import "testing"

// The results are what perf 6.1 prints (`perf probe -F` lists a file's names as perf script shows them).
func TestDemangle(t *testing.T) {
	tests := []struct{ in, want string }{
		{"main", "main"},
		{"_start", "_start"},
		{"__libc_start_main", "__libc_start_main"},
		{"_ZN3foo3barEi", "foo::bar"},
		{"_ZN3foo3barEi@plt", "foo::bar@plt"},
		{"_ZNSt6vectorIiSaIiEE9push_backERKi", "std::vector<int, std::allocator<int> >::push_back"},
		{"_ZN4llvm11PassManagerINS_8FunctionENS_15AnalysisManagerIS1_JEEEJEE7isEmptyEv",
			"llvm::PassManager<llvm::Function, llvm::AnalysisManager<llvm::Function>>::isEmpty"},
		{"_ZNK3std6Foo", "_ZNK3std6Foo"},
		{"_ZN3foo3barEi.cold", "foo::bar"},
		{"_ZTV3Foo", "vtable for Foo"},
		{"_ZN3std3sys9backtrace28__rust_begin_short_backtrace17hb8e0473d96dacc95E", "std::sys::backtrace::__rust_begin_short_backtrace"},
		{"_ZN3std2rt10lang_start28_$u7b$$u7b$closure$u7d$$u7d$17ha86af84d9cc65291E", "std::rt::lang_start::{{closure}}"},
		{"_ZN64_$LT$alloc..boxed..Box$LT$dyn$u20$T$GT$$u20$as$u20$core..fmt..Debug$GT$3fmt17h0123456789abcdefE", "_ZN64_$LT$alloc..boxed..Box$LT$dyn$u20$T$GT$$u20$as$u20$core..fmt..Debug$GT$3fmt17h0123456789abcdefE"},
		{"_ZN4core3fmt5write17h0123456789abcdefE.llvm.123", "core::fmt::write"},
		{"_RNCNCNCNvNtCsjrHSEGnQ3l9_3std2rt19lang_start_internal00s_0B9_", "std::rt::lang_start_internal::{closure#0}::{closure#0}::{closure#1}"},
		{"_RNvNCNvNtCsjrHSEGnQ3l9_3std9panicking12default_hook011FIRST_PANIC", "std::panicking::default_hook::{closure#0}::FIRST_PANIC"},
		{"_RNCINvNtNtCsjrHSEGnQ3l9_3std6thread7current17with_current_nameNCNCNvNtB8_9panicking12default_hook00uE0B8_",
			"std::thread::current::with_current_name::<std::panicking::default_hook::{closure#0}::{closure#0}, ()>::{closure#0}"},
		{"_RINvCs1_4main3fooKj2a_TmxERLelAhj10_PDNtB3_5TraitEL_FUKCjEuE", "_RINvCs1_4main3fooKj2a_TmxERLelAhj10_PDNtB3_5TraitEL_FUKCjEuE"},
		{"_RINvC4main3fooKj2a_TmxEAhj10_DNtB2_5TraitEL_FUKCjEuE", "main::foo::<42, (u32, i64), [u8; 16], dyn main::Trait, unsafe extern \"C\" fn(usize)>"},
		{"_R", "_R"}, {"_RZ", "_RZ"}, {"_RNvC", "_RNvC"}, {"_ZN", "_ZN"},
	}
	for _, tt := range tests {
		if got := Demangle(tt.in); got != tt.want {
			t.Errorf("Demangle(%q)\n got %q\nwant %q", tt.in, got, tt.want)
		}
	}
}

func TestPunycode(t *testing.T) {
	for in, want := range map[string]string{"gdel_5qa": "gödel", "bcher_kva": "bücher", "_": "", "99zzzzzz": "punycode{99zzzzzz}"} {
		if got := punycode(in); got != want {
			t.Errorf("punycode(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzDemangle(f *testing.F) {
	f.Add("_ZN3foo3barEi")
	f.Add("_RNCNCNCNvNtCsjrHSEGnQ3l9_3std2rt19lang_start_internal00s_0B9_")
	f.Add("_RNvC1au8gdel_5qa")
	f.Add("_ZN3std2rt10lang_start28_$u7b$$u7b$closure$u7d$$u7d$17ha86af84d9cc65291E")
	f.Fuzz(func(t *testing.T, name string) {
		_ = Demangle(name)
		_, _ = rustV0(name)
		_, _ = rustLegacy(name)
	})
}

func TestDemangleTyped(t *testing.T) {
	for _, tt := range []struct {
		in, want string
		ok       bool
	}{
		{"main", "main", false},
		{"_Zap", "_Zap", false},
		{"_ZN2ns4Cart3addEi", "ns::Cart::add(int)", true},
		{"_ZN2ns4CartC4Ei", "ns::Cart::Cart(int)", true}, // as gcc's debug information has constructors
		{"_ZN2ns4CartD4Ev", "ns::Cart::~Cart()", true},
		{"_ZNK2ns4CartcvbEv", "ns::Cart::operator bool() const", true},
		{"_ZZ4mainENKUliE_clEi", "main::{lambda(int)#1}::operator()(int) const", true},
		{"_ZN12_GLOBAL__N_16secretEi", "(anonymous namespace)::secret(int)", true},
		{"_ZN40_$LT$shop..Sq$u20$as$u20$shop..Shape$GT$4area17h87438ab1611035ebE", "<shop::Sq as shop::Shape>::area", true},
		{"_RNvMs1_CsbxQjNsTKZZh_4shopINtB5_5StackdE4pushB5_", "<shop::Stack<f64>>::push", true},
	} {
		if got, ok := DemangleTyped(tt.in); got != tt.want || ok != tt.ok {
			t.Errorf("DemangleTyped(%q) = %q, %v; want %q, %v", tt.in, got, ok, tt.want, tt.ok)
		}
	}
}
