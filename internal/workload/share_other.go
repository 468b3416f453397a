//go:build (!amd64 && !arm64) || race

package workload

// share is not done on this machine, nor with the race detector, whose calls the compiler puts into sharedChild: the child is a copy.
func (p *plan) share() (pid int) { return 0 }
