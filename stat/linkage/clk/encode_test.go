package clk

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"rostrum.example/stat/linkage"
)

func codes(t testing.TB, encoded string) []Code {
	t.Helper()
	s, err := newSet(table(t, encoded), "id")
	if err != nil {
		t.Fatal(err)
	}
	byRow := make([]Code, len(s.codes)+s.empty)
	for i, c := range s.codes {
		byRow[s.row[i]] = c
	}
	return byRow
}

const people = "id,given name,surname,date of birth\n" +
	"1,Ann,Rayburn,1970-01-02\n" +
	"2,Anne,Rayburn,1970-01-02\n" +
	"3,Ann,Rayburn,1971-01-02\n" +
	"4,Zoë,Quist,1988-11-23\n" +
	"5,ANN,RAYBURN,02.01.1970\n"

func TestEncode(t *testing.T) {
	c := codes(t, encode(t, people, testKey, Options{}))
	for i := range c {
		if n := c[i].Ones(); n != half {
			t.Errorf("record %d has %d ones, want %d: encodings must be balanced", i+1, n, half)
		}
	}
	if c[0] != c[4] {
		t.Error("the same person in other letters and another form of date is encoded differently")
	}
	near, far, salted := Dice(&c[0], &c[1]), Dice(&c[0], &c[3]), Dice(&c[0], &c[2])
	if near < 0.9 || far > 0.7 || near <= salted {
		t.Errorf("Dice: near %.3f, far %.3f, other year %.3f", near, far, salted)
	}
	plain := codes(t, encode(t, people, testKey, Options{Unsalted: true}))
	if d := Dice(&plain[0], &plain[2]); d <= salted {
		t.Errorf("without salt another year of birth gives %.3f, with it %.3f", d, salted)
	}
	other := codes(t, encode(t, people, Key{7}, Options{}))
	if d := Dice(&c[0], &other[0]); d > 0.65 {
		t.Errorf("the same record under another key has Dice %.3f", d)
	}
}

func TestNoise(t *testing.T) {
	opt := Options{Flip: 0.1, Random: rng(1)}
	noisy := codes(t, encode(t, people, testKey, opt))
	clear := codes(t, encode(t, people, testKey, Options{}))
	if noisy[0] == noisy[4] {
		t.Error("noise changed nothing")
	}
	if n := noisy[0].Ones(); n != half {
		t.Errorf("with noise there are %d ones", n)
	}
	if a, b := codes(t, encode(t, people, testKey, Options{Flip: 0.1, Random: rng(2)})), noisy; a[0] == b[0] {
		t.Error("two draws of noise are the same")
	}
	if d := Dice(&clear[0], &clear[4]); d != 1 {
		t.Errorf("without noise equal records have Dice %.3f", d)
	}
}

func TestNothingInTheClear(t *testing.T) {
	encoded := strings.ToLower(encode(t, people, testKey, Options{}))
	for _, s := range []string{"rayburn", "quist", "1970", "zo"} {
		body := encoded[strings.IndexByte(encoded, '\n'):]
		for _, cell := range strings.FieldsFunc(body, func(r rune) bool { return r == ',' || r == '\n' }) {
			if cell == s {
				t.Errorf("%q is there in the clear", s)
			}
		}
	}
}

func TestEncodeRefusals(t *testing.T) {
	var input *linkage.InputError
	for _, c := range []struct {
		name, text string
		opt        Options
		input      bool
	}{
		{"no column", "id\n1\n", Options{}, true},
		{"unknown id", people, Options{ID: "number"}, true},
		{"unknown ignored", people, Options{Ignore: []string{"town"}}, true},
		{"one role twice", "id,surname,last name\n1,a,b\n", Options{}, false},
		{"flip", people, Options{Flip: 0.5, Random: rng(1)}, false},
		{"noise without randomness", people, Options{Flip: 0.1}, false},
		{"too many positions", people, Options{Roles: map[string]Role{"surname": {"family", linkage.Name, 17}}}, false},
		{"empty file", "", Options{}, true},
	} {
		_, err := Encode(t.Context(), linkage.Source{Name: "list", Reader: strings.NewReader(c.text)}, testKey, c.opt, &bytes.Buffer{})
		if err == nil {
			t.Errorf("%s: accepted", c.name)
			continue
		}
		if errors.As(err, &input) != c.input {
			t.Errorf("%s: error %v", c.name, err)
		}
	}
}

func TestKeys(t *testing.T) {
	k, err := NewKey(rng(1))
	if err != nil {
		t.Fatal(err)
	}
	if back, err := ParseKey([]byte(k.String() + "\n")); err != nil || back != k {
		t.Errorf("the key is read back as %v, %v", back, err)
	}
	for _, bad := range []string{"", "zz", strings.Repeat("0", 64), strings.Repeat("a", 63), strings.Repeat("g", 64)} {
		if _, err := ParseKey([]byte(bad)); err == nil {
			t.Errorf("key file %q was accepted", bad)
		}
	}
	if _, err := NewKey(bytes.NewReader(nil)); err == nil {
		t.Error("a key was drawn from nothing")
	}
}

func FuzzEncode(f *testing.F) {
	f.Add([]byte(people))
	f.Add([]byte("surname,birth\nRay,1970\n,XX/XX/1970\n"))
	f.Add([]byte("a,b,c\n\"\",٣,王\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var out bytes.Buffer
		report, err := Encode(t.Context(), linkage.Source{Name: "f", Reader: bytes.NewReader(data)}, testKey, Options{}, &out)
		if err != nil {
			return
		}
		read, err := linkage.Read(t.Context(), linkage.Source{Name: "f", Reader: &out})
		if err != nil {
			t.Fatalf("what was encoded cannot be read: %v", err)
		}
		if read.Records() != report.Records {
			t.Fatalf("%d records were encoded, %d are read", report.Records, read.Records())
		}
	})
}
