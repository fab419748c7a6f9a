package clk

import (
	"context"
	"math"
	"math/bits"
	"sync"
	"sync/atomic"
)

// match is two encodings, i < j, and the bits that they share.
type match struct {
	i, j   uint32
	shared uint16
}

const (
	tileRows    = 64  // 8 kB, with a tile of columns well inside the first cache
	tileColumns = 128 // 16 kB
)

// need gives, by the ones of both encodings together, how many they must share for
// a Dice coefficient of at least floor.
func need(floor float64) []uint16 {
	n := make([]uint16, 2*Bits+1)
	for sum := range n {
		n[sum] = uint16(max(math.Ceil(floor*float64(sum)/2-1e-9), 1))
	}
	return n
}

// reach is the number of ones up to which an encoding can have a Dice coefficient
// of floor with one that has ones, the shorter: Dice is at most 2·min/(min+max).
func reach(ones int, floor float64) int {
	return int(math.Floor(float64(ones)*(2-floor)/floor + 1e-9))
}

// all finds the pairs of codes with a Dice coefficient of at least floor. The
// codes stand in ascending order of ones. It gives the pairs in the order of tiles
// and the number of pairs whose bits were compared.
func all(ctx context.Context, codes []Code, ones []uint16, floor float64, workers int, progress func(done, total int)) ([]match, int64, error) {
	rows := (len(codes) + tileRows - 1) / tileRows
	found := make([][]match, rows)
	needed := need(floor)
	var next, done, compared atomic.Int64
	var wait sync.WaitGroup
	for range max(workers, 1) {
		wait.Go(func() {
			for ctx.Err() == nil {
				r := int(next.Add(1)) - 1
				if r >= rows {
					return
				}
				from, to := r*tileRows, min((r+1)*tileRows, len(codes))
				last := reach(int(ones[to-1]), floor)
				n := int64(0)
				for c := from; c < len(codes) && int(ones[c]) <= last; c += tileColumns {
					found[r], n = tile(codes, ones, from, to, c, min(c+tileColumns, len(codes)), needed, found[r], n)
				}
				compared.Add(n)
				if d := done.Add(1); progress != nil && d%64 == 0 {
					progress(int(d), rows)
				}
			}
		})
	}
	wait.Wait()
	if err := ctx.Err(); err != nil {
		return nil, 0, err
	}
	var out []match
	for _, f := range found {
		out = append(out, f...)
	}
	return out, compared.Load(), nil
}

// tile compares rows from to to with columns c to d, above the diagonal.
func tile(codes []Code, ones []uint16, from, to, c, d int, needed []uint16, out []match, n int64) ([]match, int64) {
	for i := from; i < to; i++ {
		start := max(c, i+1)
		if start >= d {
			continue
		}
		a := &codes[i]
		mine := int(ones[i])
		columns := codes[start:d]
		for k := range columns {
			b := &columns[k]
			s := bits.OnesCount64(a[0]&b[0]) + bits.OnesCount64(a[1]&b[1]) + bits.OnesCount64(a[2]&b[2]) + bits.OnesCount64(a[3]&b[3]) +
				bits.OnesCount64(a[4]&b[4]) + bits.OnesCount64(a[5]&b[5]) + bits.OnesCount64(a[6]&b[6]) + bits.OnesCount64(a[7]&b[7]) +
				bits.OnesCount64(a[8]&b[8]) + bits.OnesCount64(a[9]&b[9]) + bits.OnesCount64(a[10]&b[10]) + bits.OnesCount64(a[11]&b[11]) +
				bits.OnesCount64(a[12]&b[12]) + bits.OnesCount64(a[13]&b[13]) + bits.OnesCount64(a[14]&b[14]) + bits.OnesCount64(a[15]&b[15])
			if s >= int(needed[mine+int(ones[start+k])]) {
				out = append(out, match{uint32(i), uint32(start + k), uint16(s)})
			}
		}
		n += int64(len(columns))
	}
	return out, n
}

// parallel calls work once for each of n parts.
func parallel(ctx context.Context, workers, n int, work func(part int)) {
	var next atomic.Int64
	var wait sync.WaitGroup
	for range max(min(workers, n), 1) {
		wait.Go(func() {
			for ctx.Err() == nil {
				part := int(next.Add(1)) - 1
				if part >= n {
					return
				}
				work(part)
			}
		})
	}
	wait.Wait()
}
