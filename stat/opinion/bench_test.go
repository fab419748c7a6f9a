package opinion

import (
	"bytes"
	"context"
	"fmt"
	"runtime"
	"testing"
)

// BenchmarkPublished is the way from the bytes of the two files to the map,
// without and with resamples.
func BenchmarkPublished(b *testing.B) {
	for _, folder := range folders {
		votes, comments := shared(b, folder, "votes.csv"), shared(b, folder, "comments.csv")
		for _, resamples := range []int{0, 100} {
			b.Run(fmt.Sprintf("%s/resamples=%d", folder, resamples), func(b *testing.B) {
				for b.Loop() {
					c, err := ReadVotes("votes.csv", bytes.NewReader(votes))
					if err != nil {
						b.Fatal(err)
					}
					s, err := ReadComments("comments.csv", bytes.NewReader(comments))
					if err != nil {
						b.Fatal(err)
					}
					if err := c.Describe(s...); err != nil {
						b.Fatal(err)
					}
					mustMap(b, c, Options{Resamples: resamples})
				}
			})
		}
	}
}

// BenchmarkFile is the way from ten million rows (100,000 participants, 1,000
// statements) to the map, the making of the rows included.
func BenchmarkFile(b *testing.B) {
	for b.Loop() {
		e := &endless{rows: 10_000_000, people: 100_000, statements: 1_000}
		c, err := ReadVotes("votes.csv", e)
		if err != nil {
			b.Fatal(err)
		}
		mustMap(b, c, Options{})
		b.SetBytes(int64(e.written))
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	b.ReportMetric(float64(m.Sys)/(1<<20), "MB-sys")
}

func BenchmarkReadVotes(b *testing.B) {
	for _, folder := range folders {
		votes := shared(b, folder, "votes.csv")
		b.Run(folder, func(b *testing.B) {
			b.SetBytes(int64(len(votes)))
			for b.Loop() {
				if _, err := ReadVotes("votes.csv", bytes.NewReader(votes)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkMap maps made-up conversations in which a share of all pairs has a
// vote, from the votes in memory.
func BenchmarkMap(b *testing.B) {
	for _, x := range []struct {
		people, statements, percent int
	}{{10_000, 500, 20}, {10_000, 500, 100}, {100_000, 1_000, 10}, {100_000, 1_000, 100}, {100_000, 8_000, 1}} {
		b.Run(fmt.Sprintf("%dx%d/%d%%", x.people, x.statements, x.percent), func(b *testing.B) {
			c := madeUp(x.people, x.statements, 4, x.percent, 1)
			for b.Loop() {
				c.together, c.mapped = nil, false
				mustMap(b, c, Options{})
			}
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			b.ReportMetric(float64(m.Sys)/(1<<20), "MB-sys")
		})
	}
}

// BenchmarkUpdate adds one vote to a mapped conversation and maps it again.
func BenchmarkUpdate(b *testing.B) {
	c := madeUp(10_000, 500, 4, 20, 1)
	mustMap(b, c, Options{})
	n := 0
	for b.Loop() {
		n++
		v := Vote{c.participants[n%10_000], c.statements[n%500].ID, Value(n%3 - 1), int64(n)}
		if err := c.Add(v); err != nil {
			b.Fatal(err)
		}
		if _, err := c.Map(context.Background(), Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

// madeUp is a conversation of groups of equal size, each with opinions of its
// own, in which participants see a percentage of the statements.
func madeUp(people, statements, groups, percent int, seed uint64) *Conversation {
	c := &Conversation{}
	n := seed << 40
	draw := func(below uint64) uint64 {
		n++
		return mix(n) % below
	}
	for j := range statements {
		c.addStatement(Statement{ID: StatementID(fmt.Sprint(j)), Moderation: Accepted})
	}
	opinion := make([]uint64, groups*statements)
	for i := range opinion {
		opinion[i] = draw(2)
	}
	for i := range people {
		c.addParticipant(ParticipantID(fmt.Sprint(i)))
		for j := range statements {
			if draw(100) >= uint64(percent) && j != i%statements {
				continue
			}
			agrees := opinion[i%groups*statements+j] == 1
			v := Agree
			switch d := draw(10); {
			case d == 0:
				v = Pass
			case (d < 3) == agrees:
				v = Disagree
			}
			c.record(i, j, v, 0)
		}
	}
	return c
}
