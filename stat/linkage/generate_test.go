package linkage

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
)

// generate writes a list of records of invented persons: names from syllables with
// the skewed frequencies of real names, about three records in ten being further
// records of a person, with slips, missing cells, exchanged names and moved homes.
func generate(w io.Writer, records int, seed uint64) error {
	g := &generator{random: rand.New(rand.NewPCG(seed, 1))}
	g.given = g.words(2000, 2, 3)
	g.family = g.words(30_000, 2, 4)
	g.cities = g.words(1500, 2, 4)
	g.streets = g.words(8000, 2, 3)
	out := bufio.NewWriterSize(w, 1<<16)
	fmt.Fprintln(out, "id,given_name,surname,date_of_birth,sex,street,city,postcode,phone,person")
	for n, person := 0, 0; n < records; person++ {
		p := g.person()
		copies := 1
		for copies < 5 && g.random.Float64() < 0.3 {
			copies++
		}
		for c := 0; c < copies && n < records; c++ {
			q := p
			if c > 0 {
				q = g.damage(p)
			}
			n++
			fmt.Fprintf(out, "%d", n)
			for _, cell := range q {
				fmt.Fprintf(out, ",%s", cell)
			}
			fmt.Fprintf(out, ",%d\n", person)
		}
	}
	return out.Flush()
}

type generator struct {
	random                         *rand.Rand
	given, family, cities, streets []string
}

type person [8]string // given, family, born, sex, street, city, postcode, phone

func (g *generator) words(n, from, to int) []string {
	const consonants, vowels = "bcdfghjklmnprstvwz", "aeiou"
	seen := map[string]bool{}
	var out []string
	for len(out) < n {
		w := ""
		for range from + g.random.IntN(to-from+1) {
			w += string(consonants[g.random.IntN(len(consonants))]) + string(vowels[g.random.IntN(len(vowels))])
			if g.random.IntN(3) == 0 {
				w += string(consonants[g.random.IntN(len(consonants))])
			}
		}
		if !seen[w] {
			seen[w] = true
			out = append(out, w)
		}
	}
	return out
}

// pick draws with a frequency that falls about as the rank, flattened at the top.
func (g *generator) pick(words []string) string {
	u := g.random.Float64()
	n := float64(len(words))
	const flat = 20
	rank := flat * (math.Pow((n+flat)/flat, u) - 1)
	return words[min(int(rank), len(words)-1)]
}

func (g *generator) person() person {
	city := g.pick(g.cities)
	h := hash64(city)
	return person{g.pick(g.given), g.pick(g.family), g.born(1940, 70), []string{"m", "f"}[g.random.IntN(2)],
		strconv.Itoa(1+g.random.IntN(150)) + " " + g.pick(g.streets) + " street", city,
		fmt.Sprintf("%05d", h%90000/10*10+uint64(g.random.IntN(10))), g.phone()}
}

func (g *generator) born(from, years int) string {
	return fmt.Sprintf("%04d-%02d-%02d", from+g.random.IntN(years), 1+g.random.IntN(12), 1+g.random.IntN(28))
}

func (g *generator) phone() string {
	if g.random.IntN(10) < 4 {
		return ""
	}
	return fmt.Sprintf("0%09d", g.random.IntN(1_000_000_000))
}

func (g *generator) damage(p person) person {
	if g.random.Float64() < 0.02 {
		p[0], p[1] = p[1], p[0]
	}
	for i := range p {
		u := g.random.Float64()
		switch {
		case u < 0.06 && i != 3:
			p[i] = g.slip(p[i])
		case u < 0.12:
			p[i] = ""
		}
	}
	if g.random.Float64() < 0.12 {
		moved := g.person()
		p[4], p[5], p[6] = moved[4], moved[5], moved[6]
	}
	if g.random.Float64() < 0.1 {
		p[7] = g.phone()
	}
	if g.random.Float64() < 0.02 {
		p[2] = g.born(1940, 70)
	}
	return p
}

// slip makes one error of typing, with a digit for a digit.
func (g *generator) slip(s string) string {
	if len(s) < 2 {
		return s
	}
	b := []byte(s)
	i := g.random.IntN(len(b) - 1)
	if b[i] == '-' || b[i] == ' ' {
		i++
	}
	switch g.random.IntN(4) {
	case 0:
		b[i], b[i+1] = b[i+1], b[i]
	case 1:
		b = append(b[:i], b[i+1:]...)
	case 2:
		b = append(b[:i+1], b[i:]...)
	default:
		if isDigitByte(b[i]) {
			b[i] = byte('0' + g.random.IntN(10))
		} else {
			b[i] = byte('a' + g.random.IntN(26))
		}
	}
	return string(b)
}

// TestGenerate writes a generated list for a comparison with other programs:
// LINKAGE_OUT names the file, LINKAGE_RECORDS the number of records.
func TestGenerate(t *testing.T) {
	name := os.Getenv("LINKAGE_OUT")
	if name == "" {
		t.Skip("LINKAGE_OUT is not set")
	}
	n, err := strconv.Atoi(os.Getenv("LINKAGE_RECORDS"))
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := generate(f, n, 1); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}
