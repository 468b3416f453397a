package statview

import "math"

// stats is the running mean and spread of some values (Welford's way, as perf's util/stat.c).
type stats struct {
	n        int
	mean, m2 float64
}

func (s *stats) add(v float64) {
	s.n++
	d := v - s.mean
	s.mean += d / float64(s.n)
	s.m2 += d * (v - s.mean)
}

// errorOfMean is the standard deviation of the mean.
func (s *stats) errorOfMean() float64 {
	if s.n < 2 {
		return 0
	}
	return math.Sqrt(s.m2 / float64(s.n-1) / float64(s.n))
}

// percent is part of whole, 0 of nothing.
func percent(part, whole float64) float64 {
	if whole == 0 {
		return 0
	}
	return 100 * part / whole
}
