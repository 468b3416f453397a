package dwarfunit

// Tags of entries that are looked at, DWARF 5 section 7.5.3.
const (
	TagArrayType         = 0x01
	TagClassType         = 0x02
	TagEnumerationType   = 0x04
	TagFormalParameter   = 0x05
	TagLexicalBlock      = 0x0b
	TagMember            = 0x0d
	TagPointerType       = 0x0f
	TagReferenceType     = 0x10
	TagCompileUnit       = 0x11
	TagStructureType     = 0x13
	TagSubroutineType    = 0x15
	TagTypedef           = 0x16
	TagUnionType         = 0x17
	TagVariant           = 0x19
	TagInheritance       = 0x1c
	TagInlinedSubroutine = 0x1d
	TagSubrangeType      = 0x21
	TagBaseType          = 0x24
	TagConstType         = 0x26
	TagConstant          = 0x27
	TagEnumerator        = 0x28
	TagSubprogram        = 0x2e
	TagTemplateType      = 0x2f
	TagVariantPart       = 0x33
	TagVariable          = 0x34
	TagVolatileType      = 0x35
	TagRestrictType      = 0x37
	TagNamespace         = 0x39
	TagUnspecifiedType   = 0x3b
	TagImportedUnit      = 0x3d
	TagSharedType        = 0x40
	TagRvalueReference   = 0x42
	TagAtomicType        = 0x47
	TagImmutableType     = 0x4b
)

// Attributes that are looked at, DWARF 5 section 7.5.4.
const (
	AttrSibling        = 0x01
	AttrLocation       = 0x02
	AttrName           = 0x03
	AttrByteSize       = 0x0b
	AttrBitOffset      = 0x0c
	AttrBitSize        = 0x0d
	AttrStmtList       = 0x10
	AttrLowPC          = 0x11
	AttrHighPC         = 0x12
	AttrLanguage       = 0x13
	AttrImport         = 0x18
	AttrCompDir        = 0x1b
	AttrDiscr          = 0x15
	AttrDiscrValue     = 0x16
	AttrConstValue     = 0x1c
	AttrInline         = 0x20
	AttrLowerBound     = 0x22
	AttrProducer       = 0x25
	AttrUpperBound     = 0x2f
	AttrAbstractOrigin = 0x31
	AttrArtificial     = 0x34
	AttrCallConvention = 0x36
	AttrVirtuality     = 0x4c
	AttrDefaulted      = 0x8b
	AttrDeleted        = 0x8a
	AttrExportSymbols  = 0x89
	AttrCount          = 0x37
	AttrMemberLocation = 0x38
	AttrDeclFile       = 0x3a
	AttrDeclLine       = 0x3b
	AttrDeclaration    = 0x3c
	AttrEncoding       = 0x3e
	AttrExternal       = 0x3f
	AttrFrameBase      = 0x40
	AttrSpecification  = 0x47
	AttrType           = 0x49
	AttrVariableParam  = 0x4b
	AttrEntryPC        = 0x52
	AttrRanges         = 0x55
	AttrCallFile       = 0x58
	AttrCallLine       = 0x59
	AttrSignature      = 0x69
	AttrDataBitOffset  = 0x6b
	AttrLinkageName    = 0x6e
	AttrStrOffsetsBase = 0x72
	AttrAddrBase       = 0x73
	AttrRnglistsBase   = 0x74
	AttrDwoName        = 0x76
	AttrLoclistsBase   = 0x8c
	AttrMIPSLinkage    = 0x2007
	AttrGNUDwoName     = 0x2130
	AttrGNURangesBase  = 0x2132
	AttrGNUAddrBase    = 0x2133
	AttrGNUVector      = 0x2107
	AttrGoKind         = 0x2900 // reflect.Kind of a Go type, see cmd/internal/dwarf
	AttrGoElem         = 0x2902
	AttrGoEmbedded     = 0x2903 // flag of a member
	AttrGoRuntimeType  = 0x2904 // address of the type's descriptor, or its offset in the section of types
)

// Forms, DWARF 5 section 7.5.6, and GNU's.
const (
	FormAddr          = 0x01
	FormBlock2        = 0x03
	FormBlock4        = 0x04
	FormData2         = 0x05
	FormData4         = 0x06
	FormData8         = 0x07
	FormString        = 0x08
	FormBlock         = 0x09
	FormBlock1        = 0x0a
	FormData1         = 0x0b
	FormFlag          = 0x0c
	FormSdata         = 0x0d
	FormStrp          = 0x0e
	FormUdata         = 0x0f
	FormRefAddr       = 0x10
	FormRef1          = 0x11
	FormRef2          = 0x12
	FormRef4          = 0x13
	FormRef8          = 0x14
	FormRefUdata      = 0x15
	FormIndirect      = 0x16
	FormSecOffset     = 0x17
	FormExprloc       = 0x18
	FormFlagPresent   = 0x19
	FormStrx          = 0x1a
	FormAddrx         = 0x1b
	FormRefSup4       = 0x1c
	FormStrpSup       = 0x1d
	FormData16        = 0x1e
	FormLineStrp      = 0x1f
	FormRefSig8       = 0x20
	FormImplicitConst = 0x21
	FormLoclistx      = 0x22
	FormRnglistx      = 0x23
	FormRefSup8       = 0x24
	FormStrx1         = 0x25
	FormStrx2         = 0x26
	FormStrx3         = 0x27
	FormStrx4         = 0x28
	FormAddrx1        = 0x29
	FormAddrx2        = 0x2a
	FormAddrx3        = 0x2b
	FormAddrx4        = 0x2c
	FormGNUAddrIndex  = 0x1f01
	FormGNUStrIndex   = 0x1f02
	FormGNURefAlt     = 0x1f20
	FormGNUStrpAlt    = 0x1f21
)

// Encodings of base types, DWARF 5 section 7.8.
const (
	EncBoolean      = 0x02
	EncComplexFloat = 0x03
	EncFloat        = 0x04
	EncSigned       = 0x05
	EncSignedChar   = 0x06
	EncUnsigned     = 0x07
	EncUnsignedChar = 0x08
	EncUTF          = 0x10
)

// Unit types, DWARF 5 section 7.5.1.
const (
	unitCompile  = 0x01
	unitType     = 0x02
	unitPartial  = 0x03
	unitSkeleton = 0x04
	unitSplit    = 0x05
	unitSplitTyp = 0x06
)
