package linkage

import (
	"math"
	"math/rand/v2"
	"testing"
)

// Values of Winkler (1990) and of the field's textbooks.
func TestJaroWinkler(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want float64
	}{
		{"martha", "marhta", 0.9611},
		{"dixon", "dicksonx", 0.8133},
		{"dwayne", "duane", 0.8400},
		{"jones", "johnson", 0.8324},
		{"abc", "abc", 1},
		{"", "", 1},
		{"a", "", 0},
		{"abc", "xyz", 0},
	} {
		if got := jaroWinkler([]byte(c.a), []byte(c.b)); math.Abs(got-c.want) > 5e-5 {
			t.Errorf("jaroWinkler(%s, %s) = %.4f, want %.4f", c.a, c.b, got, c.want)
		}
		if got, back := jaroWinkler([]rune(c.a), []rune(c.b)), jaroWinkler([]rune(c.b), []rune(c.a)); got != back {
			t.Errorf("jaroWinkler(%s, %s) = %v but %v the other way round", c.a, c.b, got, back)
		}
	}
}

func randomWord(r *rand.Rand, letters, most int) []byte {
	b := make([]byte, r.IntN(most+1))
	for i := range b {
		b[i] = byte('a' + r.IntN(letters))
	}
	return b
}

// osa is the textbook table of the restricted Damerau-Levenshtein distance.
func osa(a, b []byte) int {
	d := make([][]int, len(a)+1)
	for i := range d {
		d[i] = make([]int, len(b)+1)
		d[i][0] = i
	}
	for j := range d[0] {
		d[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			d[i][j] = min(d[i-1][j]+1, d[i][j-1]+1, d[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}
	return d[len(a)][len(b)]
}

func TestWithin(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 40_000 {
		a, b := randomWord(r, 3, 9), randomWord(r, 3, 9)
		d := osa(a, b)
		for limit := 1; limit <= 4; limit++ {
			if got := within(a, b, limit); got != (d <= limit) {
				t.Fatalf("within(%s, %s, %d) = %v, distance is %d", a, b, limit, got, d)
			}
		}
	}
}

func TestLongAndShortJaroAgree(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 1))
	for range 20_000 {
		a, b := randomWord(r, 4, 20), randomWord(r, 4, 20)
		if len(a) > len(b) {
			a, b = b, a
		}
		if len(a) == 0 {
			continue
		}
		if x, y := jaro(a, b), jaroLong(a, b); x != y {
			t.Fatalf("jaro(%s, %s) = %v and %v", a, b, x, y)
		}
	}
}

// The filter on letter sets must never hide a pair that is similar.
func TestMayBeCloseHidesNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 1))
	for range 40_000 {
		a, b := randomWord(r, 5, 12), randomWord(r, 5, 12)
		if len(a) == 0 || len(b) == 0 {
			continue
		}
		f := &field{kind: Name, lexicon: lexicon{lookup: map[string]uint32{}}, runes: map[uint32][]rune{}, values: []value{{}}}
		f.addValue(string(a), value{})
		f.addValue(string(b), value{})
		if jaroWinkler(a, b) >= similarSimilarity && !mayBeClose(&f.values[1], &f.values[2]) {
			t.Fatalf("%s and %s are similar and were filtered out", a, b)
		}
	}
}
