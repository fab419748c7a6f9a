package evaluate

import "testing"

func BenchmarkDesigns(b *testing.B) {
	for _, d := range Designs() {
		b.Run(string(d), func(b *testing.B) {
			f, o := mustRead(b, sampleOf(d)), runs()[d]
			for b.Loop() {
				mustEvaluate(b, f, o)
			}
		})
	}
}
