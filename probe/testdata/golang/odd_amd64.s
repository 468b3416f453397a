TEXT ·odd(SB), 4, $0-0
	BYTE $0x06
	RET
