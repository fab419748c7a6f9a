package clk

import (
	"context"
	"math/rand/v2"
	"runtime"
	"testing"
)

func randomCodes(n int, seed uint64) ([]Code, []uint16) {
	r := rand.New(rand.NewPCG(seed, 2))
	codes, ones := make([]Code, n), make([]uint16, n)
	for i := range codes {
		for set := 0; set < half; {
			p := r.IntN(Bits)
			if codes[i][p/64]>>(p%64)&1 == 0 {
				codes[i][p/64] |= 1 << (p % 64)
				set++
			}
		}
		ones[i] = half
	}
	return codes, ones
}

// BenchmarkDice compares encodings all to all on all processors.
func BenchmarkDice(b *testing.B) {
	const n = 20_000
	codes, ones := randomCodes(n, 1)
	b.ResetTimer()
	compared := int64(0)
	for b.Loop() {
		_, c, err := all(context.Background(), codes, ones, 0.8, runtime.GOMAXPROCS(0), nil)
		if err != nil {
			b.Fatal(err)
		}
		compared += c
	}
	b.ReportMetric(float64(compared)/b.Elapsed().Seconds()/1e6, "Mpairs/s")
}
