#include "textflag.h"

// func readPMC(counter uint32) uint64
//
// The register is part of the instruction: jump to the one of the counter.
// PMSELR_EL0 would choose it, but the kernel uses that register too.
TEXT ·readPMC(SB), NOSPLIT, $0-16
	MOVWU counter+0(FP), R0
	AND   $31, R0
	ADR   counters, R1
	ADD   R0<<3, R1
	JMP   (R1)

counters: // two instructions each
	MRS PMEVCNTR0_EL0, R2
	JMP done
	MRS PMEVCNTR1_EL0, R2
	JMP done
	MRS PMEVCNTR2_EL0, R2
	JMP done
	MRS PMEVCNTR3_EL0, R2
	JMP done
	MRS PMEVCNTR4_EL0, R2
	JMP done
	MRS PMEVCNTR5_EL0, R2
	JMP done
	MRS PMEVCNTR6_EL0, R2
	JMP done
	MRS PMEVCNTR7_EL0, R2
	JMP done
	MRS PMEVCNTR8_EL0, R2
	JMP done
	MRS PMEVCNTR9_EL0, R2
	JMP done
	MRS PMEVCNTR10_EL0, R2
	JMP done
	MRS PMEVCNTR11_EL0, R2
	JMP done
	MRS PMEVCNTR12_EL0, R2
	JMP done
	MRS PMEVCNTR13_EL0, R2
	JMP done
	MRS PMEVCNTR14_EL0, R2
	JMP done
	MRS PMEVCNTR15_EL0, R2
	JMP done
	MRS PMEVCNTR16_EL0, R2
	JMP done
	MRS PMEVCNTR17_EL0, R2
	JMP done
	MRS PMEVCNTR18_EL0, R2
	JMP done
	MRS PMEVCNTR19_EL0, R2
	JMP done
	MRS PMEVCNTR20_EL0, R2
	JMP done
	MRS PMEVCNTR21_EL0, R2
	JMP done
	MRS PMEVCNTR22_EL0, R2
	JMP done
	MRS PMEVCNTR23_EL0, R2
	JMP done
	MRS PMEVCNTR24_EL0, R2
	JMP done
	MRS PMEVCNTR25_EL0, R2
	JMP done
	MRS PMEVCNTR26_EL0, R2
	JMP done
	MRS PMEVCNTR27_EL0, R2
	JMP done
	MRS PMEVCNTR28_EL0, R2
	JMP done
	MRS PMEVCNTR29_EL0, R2
	JMP done
	MRS PMEVCNTR30_EL0, R2
	JMP done
	MRS PMCCNTR_EL0, R2

done:
	MOVD R2, ret+8(FP)
	RET

// func readTimer() uint64
TEXT ·readTimer(SB), NOSPLIT, $0-8
	ISB  $15 // else it may be read before what stands before it
	MRS  CNTVCT_EL0, R0
	MOVD R0, ret+0(FP)
	RET
