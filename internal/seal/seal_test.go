package seal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"

	"filippo.io/age"
	"filippo.io/age/armor"
)

const canary = "zebra-4711"

// pair gives a fresh identity and the list of its recipient.
func pair(tb testing.TB, generate func() (Identity, error)) (Identities, Recipients) {
	tb.Helper()
	i, err := generate()
	if err != nil {
		tb.Fatal(err)
	}
	to, err := NewRecipients(i.Recipient())
	if err != nil {
		tb.Fatal(err)
	}
	return NewIdentities(i), to
}

func secret(tb testing.TB, v any) Secret {
	tb.Helper()
	s, err := NewSecret(v)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func sample(tb testing.TB) Record {
	return Record{Kind: "application", Org: "untoc", Subject: "app/7k2mq", Fields: []Field{
		{ID: "passport_number", Label: "Passport number", Value: secret(tb, canary)},
		{ID: "safe", Value: secret(tb, true)},
		{ID: "persons", Value: secret(tb, []map[string]any{{"name": "Sample <b>", "age": 40}})},
	}}
}

func sealed(tb testing.TB, to Recipients, plain []byte, writer func(io.Writer, Recipients) (io.WriteCloser, error)) []byte {
	tb.Helper()
	var b bytes.Buffer
	w, err := writer(&b, to)
	if err == nil {
		_, err = w.Write(plain)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func TestRecord(t *testing.T) {
	for name, generate := range map[string]func() (Identity, error){"hybrid": GenerateIdentity, "classic": GenerateClassicIdentity} {
		with, to := pair(t, generate)
		if to.Hybrid() != (name == "hybrid") {
			t.Errorf("%s: Hybrid() = %v", name, to.Hybrid())
		}
		data, err := Seal(sample(t), to)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(data, []byte(canary)) {
			t.Errorf("%s: the answer stands in the envelope", name)
		}
		got, err := Open(data, with)
		if err != nil {
			t.Fatal(err)
		}
		for n, f := range sample(t).Fields {
			if g := got.Fields[n]; g.ID != f.ID || g.Label != f.Label || string(g.Value.Reveal()) != string(f.Value.Reveal()) {
				t.Errorf("%s: field %d is %q", name, n, g.Value.Reveal())
			}
		}
		if got.Kind != "application" || got.Org != "untoc" || got.Subject != "app/7k2mq" {
			t.Errorf("%s: %v", name, got)
		}
		// The standard library of the format reads it too.
		plain := decryptWithAge(t, data, with)
		if !strings.HasPrefix(plain, `{"format":"rostrum-sealed/1","kind":"application","org":"untoc","subject":"app/7k2mq","fields":[`) || len(plain) != 1024 {
			t.Errorf("%s: the record is %d bytes: %s", name, len(plain), plain)
		}
		other, _ := pair(t, generate)
		if _, err := Open(data, other); !errors.Is(err, ErrNoMatch) {
			t.Errorf("%s: another key: %v", name, err)
		}
	}
}

func decryptWithAge(t *testing.T, data []byte, with Identities) string {
	t.Helper()
	var file bytes.Buffer
	for _, i := range with.List() {
		if err := WriteIdentity(&file, i, "a note"); err != nil {
			t.Fatal(err)
		}
	}
	ids, err := age.ParseIdentities(&file)
	if err != nil {
		t.Fatal(err)
	}
	r, err := age.Decrypt(bytes.NewReader(data), ids...)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(plain)
}

// TestSize holds that the size of an envelope tells the order of magnitude and no more.
func TestSize(t *testing.T) {
	_, to := pair(t, GenerateIdentity)
	sizes := map[int][]int{}
	r := rand.New(rand.NewPCG(1, 2))
	for range 60 {
		n := r.IntN(8000)
		rec := Record{Kind: "a", Org: "b", Subject: "c", Fields: []Field{{ID: "d", Value: secret(t, strings.Repeat("é", n))}}}
		data, err := Seal(rec, to)
		if err != nil {
			t.Fatal(err)
		}
		sizes[len(data)] = append(sizes[len(data)], n)
	}
	if len(sizes) > 5 { // 1, 2, 4, 8 and 16 KiB
		t.Errorf("60 lengths gave %d sizes", len(sizes))
	}
	for n, want := range map[int]int{1: 1024, 1023: 1024, 1024: 1024, 1025: 2048, 2048: 2048, 2049: 4096, MaxRecord: MaxRecord} {
		if got := padded(n); got != want {
			t.Errorf("padded(%d) = %d, want %d", n, got, want)
		}
	}
}

func TestRecordRules(t *testing.T) {
	_, to := pair(t, GenerateClassicIdentity)
	for about, change := range map[string]func(*Record){
		"no kind":         func(r *Record) { r.Kind = "" },
		"space in org":    func(r *Record) { r.Org = "a b" },
		"long subject":    func(r *Record) { r.Subject = strings.Repeat("a", 129) },
		"no fields":       func(r *Record) { r.Fields = nil },
		"many fields":     func(r *Record) { r.Fields = make([]Field, MaxFields+1) },
		"same id":         func(r *Record) { r.Fields[1].ID = r.Fields[0].ID },
		"no value":        func(r *Record) { r.Fields[0].Value = Secret{} },
		"long label":      func(r *Record) { r.Fields[0].Label = strings.Repeat("ل", MaxLabel+1) },
		"label not UTF-8": func(r *Record) { r.Fields[0].Label = "\xff" },
		"too long":        func(r *Record) { r.Fields[0].Value = secret(t, strings.Repeat(canary, MaxRecord/5)) },
	} {
		r := sample(t)
		change(&r)
		if _, err := Seal(r, to); !errors.Is(err, ErrRecord) {
			t.Errorf("%s: %v", about, err)
		} else if strings.Contains(err.Error(), canary) {
			t.Errorf("%s: the error shows the answer", about)
		}
	}
	if _, err := Seal(sample(t), Recipients{}); !errors.Is(err, ErrRecipient) {
		t.Errorf("no recipients: %v", err)
	}
}

func TestReadRecord(t *testing.T) {
	head := `{"format":"rostrum-sealed/1","kind":"application","org":"o","subject":"s","fields":`
	for text, ok := range map[string]bool{
		head + `[{"id":"a","value":"` + canary + `"}]}`:                                          true,
		head + `[{"id":"a","label":"A","value":[1,{"b":false}]}]}` + "    ":                      true,
		head + `[{"id":"a","value":` + strings.Repeat("[", 32) + strings.Repeat("]", 32) + `}]}`: true,
		head + `[{"id":"a","value":` + strings.Repeat("[", 33) + strings.Repeat("]", 33) + `}]}`: false,
		head + `[{"id":"a","value":"x"}]}` + "\n":                                                true,
		head + `[{"id":"a","value":"x"}]}{}`:                                                     false,
		head + `[{"id":"a","value":null}]}`:                                                      false,
		head + `[{"id":"a"}]}`:                                                                   false,
		head + `[{"id":"a","value":"x"},{"id":"a","value":"y"}]}`:                                false,
		head + `[{"id":"a","value":"x","` + canary + `":1}]}`:                                    false,
		head + `[{"id":"` + canary + `é","value":"x"}]}`:                                         false,
		head + "[{\"id\":\"a\",\"value\":\"\xff\"}]}":                                            false,
		head + `[]}`:                             false,
		head + `[{"id`:                           false,
		``:                                       false,
		`{}`:                                     false,
		` ` + head + `[{"id":"a","value":"x"}]}`: false,
		strings.Replace(head, "/1", "/12", 1) + `[{"id":"a","value":"x"}]}`:          false,
		`{"format":"rostrum-sealed/1","format":"rostrum-sealed/2","kind":"` + canary: false,
		head + `[{"id":"a","value":"x"}]}` + strings.Repeat(" ", MaxRecord):          false,
	} {
		_, err := ReadRecord(strings.NewReader(text))
		if ok != (err == nil) || err != nil && (!errors.Is(err, ErrRecord) || strings.Contains(err.Error(), canary)) {
			t.Errorf("%.120q: %v", text, err)
		}
	}
	broken := errors.New("broken disk")
	if _, err := ReadRecord(iotest.ErrReader(broken)); !errors.Is(err, broken) {
		t.Errorf("a broken reader gives %v", err)
	}
}

// TestInterop opens with age what this package seals, and the other way round, in both forms.
func TestInterop(t *testing.T) {
	plain := bytes.Repeat([]byte(canary), 20_000) // several chunks
	for name, generate := range map[string]func() (Identity, error){"hybrid": GenerateIdentity, "classic": GenerateClassicIdentity} {
		with, to := pair(t, generate)
		second, also := pair(t, generate)
		both, err := NewRecipients(append(to.List(), also.List()...)...)
		if err != nil {
			t.Fatal(err)
		}
		for form, writer := range map[string]func(io.Writer, Recipients) (io.WriteCloser, error){"binary": NewWriter, "armoured": NewArmorWriter} {
			data := sealed(t, both, plain, writer)
			if !IsSealed(data[:min(len(data), 1024)]) {
				t.Errorf("%s %s: not known as sealed", name, form)
			}
			file := data
			if form == "armoured" {
				file, err = io.ReadAll(armor.NewReader(bytes.NewReader(data)))
				if err != nil {
					t.Fatal(err)
				}
				data = append([]byte("\r\n\n"), data...) // as mail may leave it
			}
			for _, ids := range []Identities{with, second} {
				if got := decryptWithAge(t, file, ids); got != string(plain) {
					t.Errorf("%s %s: age reads something else", name, form)
				}
				r, err := NewReader(bytes.NewReader(data), ids)
				if err != nil {
					t.Fatal(err)
				}
				if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, plain) {
					t.Errorf("%s %s: read back %d bytes, %v", name, form, len(got), err)
				}
			}
		}
		keys, err := age.ParseRecipients(strings.NewReader(to.String()))
		if err != nil {
			t.Fatal(err)
		}
		var made bytes.Buffer
		w, err := age.Encrypt(&made, keys...)
		if err != nil {
			t.Fatal(err)
		}
		w.Write(plain)
		w.Close()
		r, err := NewReader(&made, with)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, plain) {
			t.Errorf("%s: what age sealed reads as %d bytes, %v", name, len(got), err)
		}
	}
}

// TestDamage flips and cuts an envelope everywhere: it must not open, and say why without a word of what is in it.
func TestDamage(t *testing.T) {
	with, to := pair(t, GenerateClassicIdentity)
	data := sealed(t, to, bytes.Repeat([]byte(canary), 100), NewWriter)
	read := func(b []byte) error {
		r, err := NewReader(bytes.NewReader(b), with)
		if err == nil {
			_, err = io.ReadAll(r)
		}
		return err
	}
	if err := read(data); err != nil {
		t.Fatal(err)
	}
	for n := range data {
		flipped := bytes.Clone(data)
		flipped[n] ^= 1
		for about, err := range map[string]error{"flipped": read(flipped), "cut": read(data[:n])} {
			if !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrNotSealed) && !errors.Is(err, ErrNoMatch) {
				t.Fatalf("%s at %d: %v", about, n, err)
			}
			if strings.Contains(err.Error(), canary) {
				t.Fatalf("%s at %d: the error shows the answer", about, n)
			}
		}
	}
	broken := errors.New("broken disk")
	r, err := NewReader(io.MultiReader(bytes.NewReader(data[:len(data)-5]), iotest.ErrReader(broken)), with)
	if err == nil {
		_, err = io.ReadAll(r)
	}
	if !errors.Is(err, broken) {
		t.Errorf("a broken disk is told as %v", err)
	}
	if err := read([]byte("hello")); !errors.Is(err, ErrNotSealed) {
		t.Errorf("a text: %v", err)
	}
	if _, err := NewReader(bytes.NewReader(data), Identities{}); !errors.Is(err, ErrIdentity) {
		t.Errorf("no identities: %v", err)
	}
}

func TestRecipients(t *testing.T) {
	h, hs := pair(t, GenerateIdentity)
	_, cs := pair(t, GenerateClassicIdentity)
	hybrid, classic := hs.List()[0], cs.List()[0]
	if _, err := NewRecipients(hybrid, classic); !errors.Is(err, ErrMixed) {
		t.Errorf("mixed: %v", err)
	}
	if _, err := NewRecipients(classic, hybrid); !errors.Is(err, ErrMixed) {
		t.Errorf("mixed: %v", err)
	}
	if _, err := NewRecipients(Recipient{}); !errors.Is(err, ErrRecipient) {
		t.Errorf("a zero recipient: %v", err)
	}
	got, err := ParseRecipients(strings.NewReader("# ours\n\n" + hybrid.String() + "\r\n  " + hybrid.String() + "\n"))
	if err != nil || len(got.List()) != 1 || got.List()[0] != hybrid || got.String() != hybrid.String()+"\n" {
		t.Errorf("%v, %v", got.List(), err)
	}
	var file bytes.Buffer
	if err := WriteIdentity(&file, h.List()[0], ""); err != nil {
		t.Fatal(err)
	}
	key := strings.Split(strings.TrimSpace(file.String()), "\n")[1]
	for about, text := range map[string]string{
		"empty": "", "comment": "# nothing\n", "secret key": key, "cut": hybrid.String()[:900], "cut classic": classic.String()[:30], "ssh": "ssh-ed25519 AAAA", "upper case": strings.ToUpper(classic.String()), "other": canary,
		"long": strings.Repeat("#\n", maxKeyFile), "long line": strings.Repeat("a", maxKeyFile*2), "second line": classic.String() + "\n" + canary,
	} {
		_, err := ParseRecipients(strings.NewReader(text))
		if !errors.Is(err, ErrRecipient) {
			t.Errorf("%s: %v", about, err)
		} else if strings.Contains(err.Error(), canary) || strings.Contains(err.Error(), key[20:40]) {
			t.Errorf("%s: the error repeats the text", about)
		}
	}
}

func TestIdentityFiles(t *testing.T) {
	with, to := pair(t, GenerateIdentity)
	data := sealed(t, to, []byte(canary), NewWriter)
	var open, closed, slow bytes.Buffer
	if err := WriteIdentity(&open, with.List()[0], "made for a test"); err != nil {
		t.Fatal(err)
	}
	if err := SealIdentity(&slow, with.List()[0], "made for a test", "a long passphrase"); err != nil {
		t.Fatal(err)
	}
	quick, err := age.NewScryptRecipient("a long passphrase") // the same with less work, for the tests below
	if err != nil {
		t.Fatal(err)
	}
	quick.SetWorkFactor(8)
	w, err := age.Encrypt(&closed, quick)
	if err != nil {
		t.Fatal(err)
	}
	w.Write(open.Bytes())
	w.Close()
	phrase := func(s string) Passphrase { return func() (string, error) { return s, nil } }
	asked := errors.New("asked")
	for about, tt := range map[string]struct {
		file string
		ask  Passphrase
		want error
	}{
		"open":             {open.String(), func() (string, error) { return "", asked }, nil},
		"protected":        {slow.String(), phrase("a long passphrase"), nil},
		"less work":        {closed.String(), phrase("a long passphrase"), nil},
		"wrong passphrase": {closed.String(), phrase("a wrong passphrase"), ErrPassphrase},
		"empty passphrase": {closed.String(), phrase(""), ErrPassphrase},
		"nobody to ask":    {closed.String(), nil, ErrNoPhrase},
		"asking fails":     {closed.String(), func() (string, error) { return "", asked }, asked},
		"sealed to a key":  {string(data), phrase("a long passphrase"), ErrNoMatch},
		"a recipient":      {to.String(), nil, ErrIdentity},
		"nothing":          {"", nil, ErrIdentity},
		"comments":         {"# nothing\n", nil, ErrIdentity},
		"broken":           {strings.Replace(open.String(), "PQ-1", "PQ-1Q", 1), nil, ErrIdentity},
		"cut":              {closed.String()[:closed.Len()-9], phrase("a long passphrase"), ErrDamaged},
	} {
		got, err := ParseIdentities(strings.NewReader(tt.file), tt.ask)
		if !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", about, err, tt.want)
		}
		if err == nil && got.List()[0].Recipient() != to.List()[0] {
			t.Errorf("%s: another key", about)
		}
		if err != nil && strings.Contains(err.Error(), "AGE-SECRET-KEY-PQ-1Q") {
			t.Errorf("%s: the error repeats the key", about)
		}
	}
	if _, err := NewReader(bytes.NewReader(closed.Bytes()), with); !errors.Is(err, ErrNoPhrase) {
		t.Errorf("a file for a passphrase: %v", err)
	}
	if err := SealIdentity(io.Discard, with.List()[0], "", ""); !errors.Is(err, ErrPassphrase) {
		t.Errorf("an empty passphrase: %v", err)
	}
	if err := WriteIdentity(io.Discard, with.List()[0], "a\nAGE-SECRET-KEY-1"); err == nil {
		t.Error("a note of several lines is accepted")
	}
}

// TestNothingPrints prints secrets in every way that is at hand.
func TestNothingPrints(t *testing.T) {
	with, _ := pair(t, GenerateClassicIdentity)
	id := with.List()[0]
	rec := sample(t)
	hidden := struct {
		id     Identity
		with   Identities
		rec    Record
		secret Secret
	}{id, with, rec, rec.Fields[0].Value}
	var out bytes.Buffer
	for _, v := range []any{id, &id, with, rec, &rec, rec.Fields[0].Value, &rec.Fields[0].Value, hidden, &hidden, []Secret{rec.Fields[0].Value}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
		json.NewEncoder(&out).Encode(v)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("said", "value", v)
		slog.New(slog.NewTextHandler(&out, nil)).Info("said", "value", v)
	}
	for _, bad := range []string{canary, fmt.Sprintf("%x", canary), "AGE-SECRET-KEY", fmt.Sprintf("%x", "AGE-SECRET-KEY")} {
		if at := strings.Index(out.String(), bad); at >= 0 {
			t.Errorf("%s is printed: …%s…", bad, out.String()[max(0, at-40):min(out.Len(), at+60)])
		}
	}
	if n := strings.Count(out.String(), redactedSecret) + strings.Count(out.String(), redactedIdentity); n < 60 {
		t.Errorf("placeholders stand only %d times; the test looks at nothing", n)
	}
	for _, v := range []any{nil, func() {}, make(chan int)} {
		if _, err := NewSecret(v); err == nil {
			t.Errorf("%T is kept", v)
		}
	}
}

func TestShow(t *testing.T) {
	r := sample(t)
	r.Fields = append(r.Fields, Field{ID: "evil", Label: "l\x1b[2J", Value: secret(t, "one\r\ntwo\x1b]0;title\a \u202egnp.exe\u2028 \u0085 é ل")})
	var b strings.Builder
	if err := r.Show(&b); err != nil {
		t.Fatal(err)
	}
	want := `application app/7k2mq of untoc
  Passport number
    zebra-4711
  safe
    true
  persons
    age
      40
    name
      Sample <b>
  l\u001b[2J
    one
    two\u001b]0;title\u0007 \u202egnp.exe\u2028 \u0085 é ل
`
	if b.String() != want {
		t.Errorf("got\n%swant\n%s", b.String(), want)
	}
	text, err := r.Reveal()
	if err != nil {
		t.Fatal(err)
	}
	if again, err := ReadRecord(bytes.NewReader(text)); err != nil || string(again.Fields[3].Value.Reveal()) != string(r.Fields[3].Value.Reveal()) {
		t.Errorf("what is revealed does not read back: %v", err)
	}
}

func FuzzReadRecord(f *testing.F) {
	text, err := sample(f).encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte(`{"format":"rostrum-sealed/1","kind":"a","org":"b","subject":"c","fields":[{"id":"d","value":[[[]]]}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := ReadRecord(bytes.NewReader(text))
		if err != nil {
			if !errors.Is(err, ErrRecord) {
				t.Fatal(err)
			}
			return
		}
		again, err := r.encode()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ReadRecord(bytes.NewReader(again)); err != nil {
			t.Fatal(err)
		}
	})
}

func FuzzParseKeys(f *testing.F) {
	with, to := pair(f, GenerateClassicIdentity)
	var file bytes.Buffer
	WriteIdentity(&file, with.List()[0], "note")
	f.Add(file.Bytes())
	f.Add([]byte(to.String()))
	f.Add([]byte("age1pq1qqqq\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		if to, err := ParseRecipients(bytes.NewReader(text)); err == nil {
			again, err := ParseRecipients(strings.NewReader(to.String()))
			if err != nil || again.String() != to.String() {
				t.Fatal(err)
			}
		}
		ParseIdentities(bytes.NewReader(text), nil)
	})
}
