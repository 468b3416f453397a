//go:build !race

#include "textflag.h"

// func cloneShared(args *cloneArgs, size uintptr, p *plan) int64
TEXT ·cloneShared(SB),NOSPLIT,$8-32
	MOVQ	args+0(FP), DI
	MOVQ	size+8(FP), SI
	MOVQ	p+16(FP), R12	// the kernel keeps it for both
	MOVQ	$435, AX	// clone3
	SYSCALL
	TESTQ	AX, AX
	JEQ	child
	MOVQ	AX, ret+24(FP)
	RET
child:
	MOVQ	R12, 0(SP)	// of its own stack
	CALL	·sharedChild(SB)
	INT	$3		// it does not return
