package argtype

// Store keeps the meaning of events in files, GROUP/EVENT.json below its
// directory.
type Store struct{ Dir string }

// DefaultDir dies at boot, as probes do.
const DefaultDir = "/run/gperf/events"

func (s Store) Save(e *Event) error                                  { return nil }
func (s Store) Load(group, event, definition string) (*Event, error) { return nil, nil }
func (s Store) Remove(group, event string) error                     { return nil }
func (e *Event) AppendBinary(dst []byte) []byte                      { return dst }
func Decode(b []byte) (*Event, error)                                { return nil, nil }
