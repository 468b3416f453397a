package record

// TrailerOf returns the trailing SampleID of a record that is no sample, nil for a sample. It is zero where the record
// has none.
func TrailerOf(b Body) *Trailer { return b.trailer() }
