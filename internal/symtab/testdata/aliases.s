# Names that share an address, and labels, in all the ways that perf tells apart. Each place spins, so that perf samples it.
	.text
	.p2align 5
	.weak "a_weak"
	.type "a_weak", @function
"a_weak":
	.globl "a_glob_long_x"
	.type "a_glob_long_x", @function
"a_glob_long_x":
.Lspin0:
	movl $20000000,%ecx
1:	decl %ecx
	jnz 1b
	ret
	.size "a_weak", .-"a_weak"
	.size "a_glob_long_x", .-"a_glob_long_x"
	.p2align 5
	.type "b_local_long_long", @function
"b_local_long_long":
	.globl "b_glob"
	.type "b_glob", @function
"b_glob":
.Lspin1:
	movl $20000000,%ecx
1:	decl %ecx
	jnz 1b
	ret
	.size "b_local_long_long", .-"b_local_long_long"
	.size "b_glob", .-"b_glob"
	.p2align 5
	.globl "__c_glob"
	.type "__c_glob", @function
"__c_glob":
	.globl "c_g"
	.type "c_g", @function
"c_g":
.Lspin2:
	movl $20000000,%ecx
1:	decl %ecx
	jnz 1b
	ret
	.size "__c_glob", .-"__c_glob"
	.size "c_g", .-"c_g"
	.p2align 5
	.globl "d_short"
	.type "d_short", @function
"d_short":
	.globl "d_longer_name"
	.type "d_longer_name", @function
"d_longer_name":
.Lspin3:
	movl $20000000,%ecx
1:	decl %ecx
	jnz 1b
	ret
	.size "d_short", .-"d_short"
	.size "d_longer_name", .-"d_longer_name"
	.p2align 5
	.globl "e_nosize_glob"
	.type "e_nosize_glob", @function
"e_nosize_glob":
	.type "e_local_sized", @function
"e_local_sized":
.Lspin4:
	movl $20000000,%ecx
1:	decl %ecx
	jnz 1b
	ret
	.size "e_local_sized", .-"e_local_sized"
	.p2align 5
	.globl "f_notype_longer"
	.type "f_notype_longer", @notype
"f_notype_longer":
	.type "f_func", @function
"f_func":
.Lspin5:
	movl $20000000,%ecx
1:	decl %ecx
	jnz 1b
	ret
	.size "f_notype_longer", .-"f_notype_longer"
	.size "f_func", .-"f_func"
	.p2align 5
	.globl "g_object_longest"
	.type "g_object_longest", @object
"g_object_longest":
	.globl "g_func"
	.type "g_func", @function
"g_func":
.Lspin6:
	movl $20000000,%ecx
1:	decl %ecx
	jnz 1b
	ret
	.size "g_object_longest", .-"g_object_longest"
	.size "g_func", .-"g_func"
	.p2align 5
	.type "h_label_only", @notype
"h_label_only":
.Lspin7:
	movl $20000000,%ecx
1:	decl %ecx
	jnz 1b
	ret
	.p2align 5
	.globl "h2_hidden"
	.hidden "h2_hidden"
	.type "h2_hidden", @notype
"h2_hidden":
.Lspin8:
	movl $20000000,%ecx
1:	decl %ecx
	jnz 1b
	ret
	.p2align 5
	.globl "h3_hidden_func"
	.hidden "h3_hidden_func"
	.type "h3_hidden_func", @function
"h3_hidden_func":
.Lspin9:
	movl $20000000,%ecx
1:	decl %ecx
	jnz 1b
	ret
	.size "h3_hidden_func", .-"h3_hidden_func"
	.p2align 5
	.globl "i_zero_a"
	.type "i_zero_a", @function
"i_zero_a":
	.type "i_zero_bbbb", @function
"i_zero_bbbb":
.Lspin10:
	movl $20000000,%ecx
1:	decl %ecx
	jnz 1b
	ret
	.p2align 5
	.type "i2_zero_bbbb", @function
"i2_zero_bbbb":
	.globl "i2_zero_a"
	.type "i2_zero_a", @function
"i2_zero_a":
.Lspin11:
	movl $20000000,%ecx
1:	decl %ecx
	jnz 1b
	ret
	.p2align 5
	.globl "j_same1"
	.type "j_same1", @function
"j_same1":
	.globl "j_same2"
	.type "j_same2", @function
"j_same2":
.Lspin12:
	movl $20000000,%ecx
1:	decl %ecx
	jnz 1b
	ret
	.size "j_same1", .-"j_same1"
	.size "j_same2", .-"j_same2"
	.p2align 5
	.weak "k_weak"
	.type "k_weak", @function
"k_weak":
	.type "k_local", @function
"k_local":
.Lspin13:
	movl $20000000,%ecx
1:	decl %ecx
	jnz 1b
	ret
	.size "k_weak", .-"k_weak"
	.size "k_local", .-"k_local"
	.p2align 5
	.globl "_ZN3foo3barEi"
	.type "_ZN3foo3barEi", @function
"_ZN3foo3barEi":
	.globl "l_cname_longer_than_foo"
	.type "l_cname_longer_than_foo", @function
"l_cname_longer_than_foo":
.Lspin14:
	movl $20000000,%ecx
1:	decl %ecx
	jnz 1b
	ret
	.size "_ZN3foo3barEi", .-"_ZN3foo3barEi"
	.size "l_cname_longer_than_foo", .-"l_cname_longer_than_foo"
	.p2align 5
	.globl "_ZN3foo3bazEi"
	.type "_ZN3foo3bazEi", @function
"_ZN3foo3bazEi":
	.globl "zzz"
	.type "zzz", @function
"zzz":
.Lspin15:
	movl $20000000,%ecx
1:	decl %ecx
	jnz 1b
	ret
	.size "_ZN3foo3bazEi", .-"_ZN3foo3bazEi"
	.size "zzz", .-"zzz"
	.p2align 5
	.globl "SyS_x"
	.type "SyS_x", @function
"SyS_x":
	.globl "sys_x"
	.type "sys_x", @function
"sys_x":
.Lspin16:
	movl $20000000,%ecx
1:	decl %ecx
	jnz 1b
	ret
	.size "SyS_x", .-"SyS_x"
	.size "sys_x", .-"sys_x"
	.p2align 5
	.globl "n_ifunc"
	.type "n_ifunc", @gnu_indirect_function
"n_ifunc":
.Lspin17:
	movl $20000000,%ecx
1:	decl %ecx
	jnz 1b
	ret
	.size "n_ifunc", .-"n_ifunc"
	.p2align 5
	.globl "o_big"
	.type "o_big", @function
"o_big":
.Lspin18:
	movl $20000000,%ecx
1:	decl %ecx
	jnz 1b
	ret
	.size "o_big", 1
	.p2align 5
	.globl p_v_at
	.type p_v_at, @function
p_v_at:
	.type "p_v_abcdef", @function
"p_v_abcdef":
.Lspin19:
	movl $20000000,%ecx
1:	decl %ecx
	jnz 1b
	ret
	.size p_v_at, .-p_v_at
	.size "p_v_abcdef", .-"p_v_abcdef"

	.p2align 5
	.globl outer
	.type outer,@function
outer:
	nop
	movl $20000000,%ecx
1:	decl %ecx
	jnz 1b
	movl $20000000,%ecx
1:	decl %ecx
	jnz 1b
	ret
	.size outer, .-outer
	.globl main
	.type main,@function
main:

	call .Lspin0
	call .Lspin1
	call .Lspin2
	call .Lspin3
	call .Lspin4
	call .Lspin5
	call .Lspin6
	call .Lspin7
	call .Lspin8
	call .Lspin9
	call .Lspin10
	call .Lspin11
	call .Lspin12
	call .Lspin13
	call .Lspin14
	call .Lspin15
	call .Lspin16
	call .Lspin17
	call .Lspin18
	call .Lspin19
	call outer
	xorl %eax,%eax
	ret
	.size main,.-main
	.section .note.GNU-stack,"",@progbits
