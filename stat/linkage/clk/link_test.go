package clk

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"rostrum.example/stat/linkage"
)

// sharedData reads a file of the shared test data, or skips the test.
func sharedData(t testing.TB, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "..", "..", "shared", "data", name))
	if err != nil {
		t.Skipf("the shared test data is not here: %v", err)
	}
	return string(data)
}

// rng is randomness for tests that repeats itself.
func rng(seed uint64) *rand.ChaCha8 { return rand.NewChaCha8([32]byte{byte(seed), 1}) }

var testKey = Key{1, 2, 3}

func encode(t testing.TB, data string, key Key, opt Options) string {
	t.Helper()
	var out bytes.Buffer
	if _, err := Encode(context.Background(), linkage.Source{Name: "list", Reader: strings.NewReader(data)}, key, opt, &out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func table(t testing.TB, lists ...string) *linkage.Table {
	t.Helper()
	var sources []linkage.Source
	for i, l := range lists {
		sources = append(sources, linkage.Source{Name: string(rune('a' + i)), Reader: strings.NewReader(l)})
	}
	read, err := linkage.Read(context.Background(), sources...)
	if err != nil {
		t.Fatal(err)
	}
	return read
}

func link(t testing.TB, cfg Config, lists ...string) *Result {
	t.Helper()
	res, err := Link(context.Background(), table(t, lists...), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// TestKnownTruth links encodings of files whose true pairs are known, all to all
// and by blocking hashes.
func TestKnownTruth(t *testing.T) {
	person := regexp.MustCompile(`rec-(\d+)`)
	for _, c := range []struct {
		file       string
		opt        Options
		floor      float64
		blockFloor float64
	}{
		{"febrl/dataset1.csv", Options{}, 0.98, 0.97},
		{"febrl/dataset3.csv", Options{Ignore: []string{"soc_sec_id"}}, 0.98, 0.975},
		{"febrl/dataset3.csv", Options{Unsalted: true, Ignore: []string{"soc_sec_id"}}, 0.985, 0.98},
	} {
		encoded := encode(t, sharedData(t, c.file), testKey, c.opt)
		for _, pairs := range []int64{0, 1} {
			floor := c.floor
			if pairs == 1 {
				floor = c.blockFloor
			}
			res := link(t, Config{Truth: "rec_id", Pattern: person, AllPairs: pairs}, encoded)
			t.Logf("%s unsalted %t all %t: precision %.4f recall %.4f F1 %.4f compared %d threshold %.3f", c.file, c.opt.Unsalted, pairs == 0, res.Truth.Precision, res.Truth.Recall, res.Truth.F1, res.Compared, res.Threshold)
			if res.Truth.F1 < floor {
				t.Errorf("%s: F1 = %.4f, want at least %.4f", c.file, res.Truth.F1, floor)
			}
		}
	}
}

// sample is a list of invented records: pairs of twenty persons.
func sample(t testing.TB, n int, seed uint64) string {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 1))
	syllables := strings.Fields("ba ke li mo nu pa re si to vu da fe gi ho ju ka le mi no pu")
	word := func(n int) string {
		w := ""
		for range n {
			w += syllables[r.IntN(len(syllables))]
		}
		return w
	}
	out := [][]string{{"id", "given name", "surname", "date of birth", "city", "person"}}
	for p := range n {
		row := []string{"", word(2 + r.IntN(2)), word(3), strings.Join([]string{itoa(1950 + r.IntN(50)), two(1 + r.IntN(12)), two(1 + r.IntN(28))}, "-"), word(3), itoa(p)}
		for range 1 + r.IntN(2) {
			again := slices.Clone(row)
			again[0] = itoa(len(out))
			if r.IntN(3) == 0 {
				again[2] = again[2][1:]
			}
			out = append(out, again)
		}
	}
	var b bytes.Buffer
	if err := csv.NewWriter(&b).WriteAll(out); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func itoa(n int) string { return string(appendInt(nil, n)) }

func appendInt(b []byte, n int) []byte {
	if n >= 10 {
		b = appendInt(b, n/10)
	}
	return append(b, byte('0'+n%10))
}

func two(n int) string {
	if n < 10 {
		return "0" + itoa(n)
	}
	return itoa(n)
}

func TestSameWhateverTheOrder(t *testing.T) {
	encoded := encode(t, sample(t, 400, 1), testKey, Options{Keep: []string{"person"}})
	want := pairsOf(t, link(t, Config{Truth: "person"}, encoded))
	lines := strings.Split(strings.TrimSpace(encoded), "\n")
	r := rand.New(rand.NewPCG(3, 3))
	for _, procs := range []int{1, 3} {
		r.Shuffle(len(lines)-1, func(i, j int) { lines[i+1], lines[j+1] = lines[j+1], lines[i+1] })
		before := runtime.GOMAXPROCS(procs)
		got := pairsOf(t, link(t, Config{Truth: "person"}, strings.Join(lines, "\n")+"\n"))
		runtime.GOMAXPROCS(before)
		if got != want {
			t.Errorf("with %d processors and other rows the pairs differ", procs)
		}
	}
	if strings.Count(want, "\n") < 50 {
		t.Errorf("only %d lines of pairs", strings.Count(want, "\n"))
	}
}

func pairsOf(t testing.TB, res *Result) string {
	t.Helper()
	var b bytes.Buffer
	if err := res.WritePairs(&b); err != nil {
		t.Fatal(err)
	}
	if err := res.Summary().WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTwoHolders(t *testing.T) {
	data := strings.Split(strings.TrimSpace(sample(t, 600, 2)), "\n")
	seen := map[string]bool{}
	var a, b []string
	for _, line := range data[1:] {
		person := line[strings.LastIndexByte(line, ',')+1:]
		if seen[person] {
			b = append(b, line)
		} else {
			a = append(a, line)
		}
		seen[person] = true
	}
	opt := Options{Keep: []string{"person"}}
	header := data[0] + "\n"
	// The second holder calls its columns differently.
	other := "id,Prénom,Nom de famille,dob,Ville,person\n"
	left, right := encode(t, header+strings.Join(a, "\n"), testKey, opt), encode(t, other+strings.Join(b, "\n"), testKey, opt)
	res := link(t, Config{Truth: "person"}, left, right)
	if !slices.Equal(res.Unique, []string{"a", "b"}) {
		t.Errorf("lists without duplicates = %v", res.Unique)
	}
	if res.Truth.F1 < 0.97 {
		t.Errorf("F1 = %.4f at threshold %.3f", res.Truth.F1, res.Threshold)
	}

	wrong := encode(t, other+strings.Join(b, "\n"), Key{9}, opt)
	_, err := Link(t.Context(), table(t, left, wrong), Config{})
	var input *linkage.InputError
	if !errors.As(err, &input) || !strings.Contains(err.Error(), "different keys") {
		t.Errorf("encodings under two keys give %v", err)
	}
	if _, err := Link(t.Context(), table(t, header+strings.Join(a, "\n")), Config{}); !errors.As(err, &input) {
		t.Errorf("records in the clear give %v", err)
	}
}

func TestHardLists(t *testing.T) {
	for name, text := range map[string]string{
		"no rows":        "id,surname,dob\n",
		"one row":        "id,surname,dob\n1,Ray,1970-01-02\n",
		"empty records":  "id,surname,dob\n1,,\n2,NA,\n3,Ray,1970-01-02\n",
		"identical rows": "surname,dob\n" + strings.Repeat("Ray,1970-01-02\n", 50),
	} {
		res := link(t, Config{}, encode(t, text, testKey, Options{}))
		if len(res.Person) != res.Records {
			t.Errorf("%s: %d persons' numbers for %d records", name, len(res.Person), res.Records)
		}
	}
	encoded := encode(t, "id,surname\n1,Ray\n2,Roy\n", testKey, Options{})
	if _, err := Link(t.Context(), table(t, strings.Replace(encoded, "\n1,", "\n1,!!", 1)), Config{}); err == nil {
		t.Error("a damaged encoding was accepted")
	}
	ctx, stop := context.WithCancel(t.Context())
	read := table(t, encoded)
	stop()
	if _, err := Link(ctx, read, Config{}); !errors.Is(err, context.Canceled) {
		t.Errorf("a stopped run gives %v", err)
	}
}

// TestAll compares the tiled search with one pair after another, for encodings of
// all lengths, so that the length filter is tested as well.
func TestAll(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 5))
	codes := make([]Code, 700)
	for i := range codes {
		if i > 0 && r.IntN(3) == 0 {
			codes[i] = codes[r.IntN(i)]
		}
		for range r.IntN(400) {
			codes[i][r.IntN(words)] |= 1 << r.IntN(64)
		}
	}
	slices.SortFunc(codes, func(a, b Code) int { return a.Ones() - b.Ones() })
	ones := make([]uint16, len(codes))
	for i := range codes {
		ones[i] = uint16(codes[i].Ones())
	}
	for _, floor := range []float64{0.3, 0.8, 0.99} {
		want := map[[2]uint32]bool{}
		for i := range codes {
			for j := i + 1; j < len(codes); j++ {
				if Dice(&codes[i], &codes[j]) >= floor {
					want[[2]uint32{uint32(i), uint32(j)}] = true
				}
			}
		}
		found, compared, err := all(t.Context(), codes, ones, floor, 2, nil)
		if err != nil {
			t.Fatal(err)
		}
		if len(found) != len(want) || len(want) == 0 {
			t.Fatalf("floor %v: %d pairs, want %d", floor, len(found), len(want))
		}
		for _, m := range found {
			if !want[[2]uint32{m.i, m.j}] {
				t.Fatalf("floor %v: pair %d, %d is below it", floor, m.i, m.j)
			}
		}
		if floor > 0.9 && compared >= int64(len(codes)*(len(codes)-1)/2) {
			t.Errorf("floor %v: the length filter left out nothing", floor)
		}
	}
}

func TestFitMixture(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 6))
	var counts [bins + 1]int64
	for range 50_000 {
		counts[min(int((0.6+r.ExpFloat64()*0.012)*bins), bins)]++
	}
	for range 3000 {
		counts[min(int((0.88+r.NormFloat64()*0.05)*bins), bins)]++
	}
	m := fitMixture(&counts, 0.6, 0.01)
	if math.Abs(m.mean-0.88) > 0.01 || math.Abs(m.share-3000.0/53_000) > 0.005 {
		t.Errorf("mixture %+v", m)
	}
	if d := m.threshold(); d < 0.68 || d > 0.78 {
		t.Errorf("threshold %.3f", d)
	}
	var none [bins + 1]int64
	if m := fitMixture(&none, 0.6, 0.01); !math.IsInf(m.threshold(), 1) {
		t.Errorf("nothing seen gives threshold %v", m.threshold())
	}
}

func FuzzParseCode(f *testing.F) {
	c := Code{1, 2, 3}
	f.Add(c.String())
	f.Add("")
	f.Add(strings.Repeat("A", 171))
	f.Add(strings.Repeat("A", 170) + "\n")
	f.Fuzz(func(t *testing.T, s string) {
		c, err := ParseCode(s)
		if err != nil {
			return
		}
		if back, err := ParseCode(c.String()); err != nil || back != c {
			t.Errorf("%q is read as another code the second time", s)
		}
	})
}
