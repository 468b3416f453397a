package feature

import "sync"

// Once remembers what has been said, so that a library tells its user of a lack once and not at each call. The zero
// value is ready; it is safe for concurrent use.
type Once struct{ said sync.Map }

// First tells whether it is asked for the first time with this text.
func (o *Once) First(text string) bool {
	_, before := o.said.LoadOrStore(text, nil)
	return !before
}
