//go:build !race

#include "textflag.h"

// func cloneShared(args *cloneArgs, size uintptr, p *plan) int64
TEXT ·cloneShared(SB),NOSPLIT,$16-32
	MOVD	args+0(FP), R0
	MOVD	size+8(FP), R1
	MOVD	p+16(FP), R9	// the kernel keeps it for both
	MOVD	$435, R8	// clone3
	SVC
	CBZ	R0, child
	MOVD	R0, ret+24(FP)
	RET
child:
	MOVD	R9, 8(RSP)	// of its own stack
	BL	·sharedChild(SB)
	BRK			// it does not return
