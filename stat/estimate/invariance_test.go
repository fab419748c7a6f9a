package estimate

import (
	"bytes"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
)

// shuffleCSV permutes the rows and the columns of a table in text.
func shuffleCSV(rng *rand.Rand, csv string) string {
	lines := strings.Split(strings.TrimSpace(csv), "\n")
	columns := strings.Count(lines[0], ",")
	order := append(rng.Perm(columns), columns)
	var out []string
	for _, i := range rng.Perm(len(lines) - 1) {
		out = append(out, lines[i+1])
	}
	out = append([]string{lines[0]}, out...)
	for i, line := range out {
		fields := strings.Split(line, ",")
		moved := make([]string, len(fields))
		for k, from := range order {
			moved[k] = fields[from]
		}
		out[i] = strings.Join(moved, ",")
	}
	return strings.Join(out, "\n") + "\n"
}

// The same report to the bit for every order of lists and rows and any number
// of processors.
func TestOrderAndProcessorsChangeNothing(t *testing.T) {
	// The second table has lists of equal size and content: only their names
	// tell them apart.
	twins := "X,Y,Z,n\n1,0,0,30\n0,1,0,30\n0,0,1,25\n1,1,0,6\n1,0,1,4\n0,1,1,4\n1,1,1,2\n"
	options := Options{
		Resamples: 60, Seed: 9, Latent: LatentOptions{Burn: 50, Draws: 50, Thin: 1},
	}
	rng := rand.New(rand.NewPCG(13, 14))
	for _, csv := range []string{kosovoCSV, twins} {
		var want []byte
		for i := range 4 {
			text := csv
			if i > 0 {
				text = shuffleCSV(rng, csv)
			}
			processors := runtime.GOMAXPROCS([]int{1, 2, 3, 7}[i])
			r := mustEstimate(t, mustRead(t, text), options)
			runtime.GOMAXPROCS(processors)
			var b bytes.Buffer
			if err := r.WriteJSON(&b); err != nil {
				t.Fatal(err)
			}
			if i == 0 {
				want = b.Bytes()
			} else if !bytes.Equal(b.Bytes(), want) {
				t.Fatalf("the report differs for\n%s\n%s", text, firstDifference(want, b.Bytes()))
			}
		}
	}
}

func firstDifference(a, b []byte) string {
	la, lb := strings.Split(string(a), "\n"), strings.Split(string(b), "\n")
	for i := range min(len(la), len(lb)) {
		if la[i] != lb[i] {
			return la[i] + "\n" + lb[i]
		}
	}
	return "one is longer"
}

// Renaming lists changes names and nothing else.
func TestNamesChangeNothing(t *testing.T) {
	a := mustEstimate(t, mustRead(t, kosovoCSV), Options{Method: BIC, Resamples: 100, Seed: 3})
	renamed := strings.Replace(kosovoCSV, "EXH,ABA,OSCE,HRW", "zeta,alpha,mu,beta", 1)
	b := mustEstimate(t, mustRead(t, renamed), Options{Method: BIC, Resamples: 100, Seed: 3})
	if *a.Results[0].Estimate != *b.Results[0].Estimate || *a.Results[0].Interval95 != *b.Results[0].Interval95 {
		t.Errorf("%v %v, renamed %v %v", *a.Results[0].Estimate, *a.Results[0].Interval95, *b.Results[0].Estimate, *b.Results[0].Interval95)
	}
}

func TestSeedMatters(t *testing.T) {
	tab := mustRead(t, kosovoCSV)
	a := runMethod(t, tab, Main, 200, 1)[0]
	b := runMethod(t, tab, Main, 200, 2)[0]
	if *a.Interval95 == *b.Interval95 {
		t.Error("two seeds give the same interval")
	}
	if *a.Estimate != *b.Estimate {
		t.Error("the estimate rests on the seed")
	}
}
