package linkage

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
)

func generated(t testing.TB, records int) string {
	t.Helper()
	var b bytes.Buffer
	if err := generate(&b, records, 7); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// output is all that a result says.
func output(t testing.TB, res *Result) string {
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

// TestSameWhateverTheOrder shuffles rows and columns and changes the number of
// processors: the output must be the same to the byte.
func TestSameWhateverTheOrder(t *testing.T) {
	data := rows(t, []byte(generated(t, 1500)))
	cfg := Config{Truth: "person", Seed: 3}
	first, _ := link(t, read(t, text(t, data)), cfg)
	want := output(t, first)
	if first.Pairs == 0 {
		t.Fatal("nothing was linked")
	}
	r := rand.New(rand.NewPCG(5, 5))
	for _, procs := range []int{1, 3} {
		shuffled := slices.Clone(data)
		r.Shuffle(len(shuffled)-1, func(i, j int) { shuffled[i+1], shuffled[j+1] = shuffled[j+1], shuffled[i+1] })
		order := r.Perm(len(data[0]))
		at := slices.Index(order, 0)
		order[0], order[at] = order[at], order[0] // the id stays first
		for i, row := range shuffled {
			moved := make([]string, len(row))
			for k, from := range order {
				moved[k] = row[from]
			}
			shuffled[i] = moved
		}
		before := runtime.GOMAXPROCS(procs)
		res, _ := link(t, read(t, text(t, shuffled)), cfg)
		runtime.GOMAXPROCS(before)
		if got := output(t, res); got != want {
			t.Fatalf("with %d processors and other rows the output differs, first at %q", procs, firstDifference(got, want))
		}
	}
}

func firstDifference(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			return x[i] + " | " + y[i]
		}
	}
	return "the end"
}

// TestUpdate adds records in two steps and compares with a run over all of them
// from the start under the same model; the low block limit makes blocks grow over
// it, so that pairs have to be taken back.
func TestUpdate(t *testing.T) {
	data := rows(t, []byte(generated(t, 1200)))
	for _, limit := range []int{0, 2, 3} {
		cfg := Config{Truth: "person", BlockLimit: limit}
		_, state := link(t, read(t, text(t, data[:701])), cfg)
		for _, n := range []int{901, 1201} {
			var saved bytes.Buffer
			if _, err := state.WriteTo(&saved); err != nil {
				t.Fatal(err)
			}
			read1, err := ReadState(&saved)
			if err != nil {
				t.Fatal(err)
			}
			all := read(t, text(t, data[:n]))
			cfg.Saved = read1
			grown, next := link(t, all, cfg)
			cfg.Saved = state.Forget()
			scratch, _ := link(t, all, cfg)
			if a, b := output(t, grown), output(t, scratch); a != b {
				t.Fatalf("limit %d, %d records: updated and from the start differ at %q", limit, n-1, firstDifference(a, b))
			}
			if limit > 0 && grown.Skipped == 0 {
				t.Fatalf("limit %d: no block is above it, so the test tests nothing", limit)
			}
			state = next
		}
	}
}

// TestStopAndResume stops a run after every step, goes on from the saved state,
// and ends with the result of a run that was never stopped.
func TestStopAndResume(t *testing.T) {
	table := read(t, generated(t, 1000))
	cfg := Config{Truth: "person"}
	want, _ := link(t, table, cfg)
	var saved *State
	stops := 0
	for {
		ctx, stop := context.WithCancel(t.Context())
		res, state, err := Link(ctx, table, Config{Truth: "person", Saved: saved, Progress: func(p Progress) {
			if p.Step == "comparing" {
				stop()
			}
		}})
		stop()
		if err == nil {
			if a, b := output(t, res), output(t, want); a != b {
				t.Fatalf("after %d stops the output differs at %q", stops, firstDifference(a, b))
			}
			break
		}
		if !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		if saved != nil && state.Done <= saved.Done && state.Done < len(state.Rules) {
			t.Fatalf("no progress beyond rule %d", state.Done)
		}
		saved = state
		if stops++; stops > maxRules {
			t.Fatal("it never ends")
		}
		if state.Done == len(state.Rules) {
			// All is compared; only joining was stopped.
			cfg.Saved = saved
			res, _ := link(t, table, cfg)
			if a, b := output(t, res), output(t, want); a != b {
				t.Fatalf("after %d stops the output differs at %q", stops, firstDifference(a, b))
			}
			break
		}
	}
	if stops < 2 {
		t.Fatalf("only %d stops", stops)
	}
}

func TestStopped(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, _, err := Link(ctx, read(t, generated(t, 300)), Config{}); !errors.Is(err, context.Canceled) {
		t.Errorf("a stopped run gives %v", err)
	}
}

func TestStateIsChecked(t *testing.T) {
	_, state := link(t, read(t, generated(t, 400)), Config{})
	change := func(f func(s *State)) error {
		var b bytes.Buffer
		if _, err := state.WriteTo(&b); err != nil {
			t.Fatal(err)
		}
		s, err := ReadState(&b)
		if err != nil {
			t.Fatal(err)
		}
		f(s)
		b.Reset()
		if _, err := s.WriteTo(&b); err != nil {
			t.Fatal(err)
		}
		s, err = ReadState(&b)
		if err != nil {
			return err
		}
		_, _, err = Link(t.Context(), read(t, generated(t, 400)), Config{Saved: s})
		return err
	}
	if err := change(func(*State) {}); err != nil {
		t.Fatal(err)
	}
	for name, f := range map[string]func(s *State){
		"version":        func(s *State) { s.Version = 9 },
		"no field":       func(s *State) { s.Fields = nil },
		"share":          func(s *State) { s.Share = 1 },
		"chance":         func(s *State) { s.Fields[0].M[exact] = 2 },
		"lost chance":    func(s *State) { s.Fields[0].M[exact], s.Fields[0].U[exact] = 0, 0 },
		"rule":           func(s *State) { s.Rules[0][0] = "colour" },
		"empty rule":     func(s *State) { s.Rules[0] = nil },
		"pair":           func(s *State) { s.Pairs[3] = 0xff },
		"cut":            func(s *State) { s.Pairs = s.Pairs[:17] },
		"done":           func(s *State) { s.Done = 99 },
		"other records":  func(s *State) { s.Records[0] ^= 1 },
		"unknown column": func(s *State) { s.Fields[0].Name = "colour" },
		"unknown id":     func(s *State) { s.ID = "colour" },
		"dependence":     func(s *State) { s.Fields[0].Links = []dependence{{On: 3}} },
		"partner":        func(s *State) { s.Fields[0].Leads, s.Fields[0].Partner = true, 77 },
		"outcome": func(s *State) {
			for i := 8; i < 16; i++ {
				s.Pairs[i] = 0xff
			}
		},
	} {
		if err := change(f); err == nil {
			t.Errorf("%s: a damaged state was accepted", name)
		}
	}
}

func FuzzReadState(f *testing.F) {
	_, state := link(f, read(f, generated(f, 60)), Config{})
	var b bytes.Buffer
	if _, err := state.WriteTo(&b); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte(`{"version":1}`))
	table := read(f, generated(f, 60))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := ReadState(bytes.NewReader(data))
		if err != nil {
			return
		}
		Link(t.Context(), table, Config{Saved: s})
	})
}

// TestTwoLists splits persons over two lists without duplicates: each record may
// be linked once, and lists are found to be such without being told.
func TestTwoLists(t *testing.T) {
	data := rows(t, []byte(generated(t, 3000)))
	person := slices.Index(data[0], "person")
	a, b := [][]string{data[0]}, [][]string{data[0]}
	seen := map[string]int{}
	for _, row := range data[1:] {
		switch seen[row[person]]++; seen[row[person]] {
		case 1:
			a = append(a, row)
		case 2:
			b = append(b, row)
		}
	}
	res, _ := link(t, read(t, text(t, a), text(t, b)), Config{Truth: "person"})
	if !slices.Equal(res.Unique, []string{"a", "b"}) {
		t.Errorf("lists without duplicates = %v, want both", res.Unique)
	}
	if res.Truth.F1 < 0.97 {
		t.Errorf("F1 = %.4f", res.Truth.F1)
	}
	once := map[RecordID]bool{}
	err := res.Each(func(p Pair) error {
		if !p.Linked {
			return nil
		}
		if p.A.List == p.B.List {
			t.Errorf("%v and %v are of one list", p.A, p.B)
		}
		if once[p.A] || once[p.B] {
			t.Errorf("%v or %v is linked twice", p.A, p.B)
		}
		once[p.A], once[p.B] = true, true
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := Link(t.Context(), read(t, text(t, a)), Config{Unique: []string{"z"}}); err == nil {
		t.Error("a list that is not there was accepted")
	}
}

// TestUnseenData holds the defaults against data of another make than those known
// beforehand, also under headers that say nothing.
func TestUnseenData(t *testing.T) {
	data := rows(t, []byte(generated(t, 4000)))
	plain, _ := link(t, read(t, text(t, data)), Config{Truth: "person"})
	t.Logf("%+v compared %d expected %+v", *plain.Truth, plain.Compared, plain.Rates)
	if plain.Truth.F1 < 0.985 {
		t.Errorf("F1 = %.4f", plain.Truth.F1)
	}
	if d := plain.Rates.Recall.Low - plain.Truth.Recall; d > 0.02 {
		t.Errorf("recall is expected to be at least %.4f and is %.4f", plain.Rates.Recall.Low, plain.Truth.Recall)
	}
	if d := math.Abs(plain.Rates.Precision.Value - plain.Truth.Precision); d > 0.01 {
		t.Errorf("precision is expected to be %.4f and is %.4f", plain.Rates.Precision.Value, plain.Truth.Precision)
	}
	for i := range data[0] {
		if n := data[0][i]; n != "id" && n != "person" {
			data[0][i] = fmt.Sprintf("v%d", i)
		}
	}
	bare, _ := link(t, read(t, text(t, data)), Config{Truth: "person"})
	t.Logf("without headers %+v", *bare.Truth)
	if bare.Truth.F1 < 0.97 {
		t.Errorf("without telling headers F1 = %.4f", bare.Truth.F1)
	}
}

// TestDependentFields: a city follows from the postcode, so agreement on it after
// agreement on the postcode must count for nothing.
func TestDependentFields(t *testing.T) {
	res, _ := link(t, read(t, generated(t, 20_000)), Config{Ignore: []string{"person"}})
	at := func(name string) int {
		return slices.IndexFunc(res.frame.fields, func(f *field) bool { return f.name == name })
	}
	city, postcode, surname := at("city"), at("postcode"), at("surname")
	link := func(i, j int) (d dependence) {
		for _, x := range res.model.links[i] {
			if x.On == j {
				d = x
			}
		}
		return d
	}
	if d := link(city, postcode); d.Same < 0.9 || d.Moved < 0.5 {
		t.Errorf("city on postcode: same %.2f, moved %.2f", d.Same, d.Moved)
	}
	if d := link(max(city, surname), min(city, surname)); d.Same > 0.1 {
		t.Errorf("city and surname: same %.2f", d.Same)
	}
}

func TestHardTables(t *testing.T) {
	for _, c := range []struct {
		name    string
		lists   []string
		cfg     Config
		records int
		note    string
	}{
		{"no rows", []string{"id,name\n"}, Config{}, 0, ""},
		{"two empty lists", []string{"id,name\n", "id,name\n"}, Config{}, 0, ""},
		{"one empty list", []string{"id,name,town\n1,Ann,Aix\n2,Bob,Ayr\n", "id,name,town\n"}, Config{}, 2, ""},
		{"one row", []string{"id,name\n1,Ann\n"}, Config{}, 1, ""},
		{"identical rows", []string{"name,town\n" + strings.Repeat("Ann,Aix\n", 500)}, Config{}, 500, "nothing was linked"},
		{"all missing", []string{"id,name,town\n1,,\n2,NA,\n3,?,-\n"}, Config{}, 3, "nothing was linked"},
		{"same ids", []string{"id,name,dob\n1,Ann Lee,1990-01-02\n1,Anne Lee,1990-01-02\n2,Bob Ray,1970-05-06\n"}, Config{ID: "id"}, 3, "share their id"},
		{"column in one list only", []string{"id,name,dob\n1,Ann,1990-01-02\n2,Bob,1970-05-06\n", "id,name,town\n1,Ann,Aix\n2,Cid,Ayr\n"}, Config{}, 4, "is not compared"},
		{"dates in five forms", []string{"id,name,dob\n1,Ann Lee,1990-01-22\n2,Ann Lee,22/01/1990\n3,Bob Ray,5 Mar 1970\n4,Bob Ray,19700305\n5,Cid Foe,1966\n6,Dan Goo,nonsense\n"}, Config{Types: map[string]Kind{"dob": Date}}, 6, "could not be read"},
	} {
		t.Run(c.name, func(t *testing.T) {
			res, _ := link(t, read(t, c.lists...), c.cfg)
			if res.Records != c.records || len(res.Person) != c.records {
				t.Errorf("records = %d and %d, want %d", res.Records, len(res.Person), c.records)
			}
			if !strings.Contains(strings.Join(res.Notes, "\n"), c.note) {
				t.Errorf("notes %q do not say %q", res.Notes, c.note)
			}
			if !json.Valid([]byte(output(t, res)[strings.Index(output(t, res), "{"):])) {
				t.Error("the summary is not JSON")
			}
		})
	}
}

func TestWrongConfiguration(t *testing.T) {
	table := read(t, "id,name,dob\n1,Ann,1990-01-02\n2,Bob,1970-05-06\n")
	for _, c := range []struct {
		cfg  Config
		says string
	}{
		{Config{ID: "number"}, "id, name, dob"},
		{Config{Truth: "person"}, "--truth"},
		{Config{Ignore: []string{"town"}}, "--ignore"},
		{Config{Types: map[string]Kind{"town": Place}}, "--type"},
		{Config{Ignore: []string{"name", "dob"}}, "no column is left"},
		{Config{Threshold: 1}, "threshold"},
		{Config{BlockLimit: 1}, "block limit"},
		{Config{Budget: -1}, "budget"},
	} {
		_, _, err := Link(t.Context(), table, c.cfg)
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%+v: error %v does not say %q", c.cfg, err, c.says)
		}
	}
}

// TestManyLevels links over a column whose every value is another one.
func TestManyLevels(t *testing.T) {
	n := 100_000
	if testing.Short() {
		n = 20_000
	}
	var b strings.Builder
	b.WriteString("name,group,dob\n")
	for i := range n {
		fmt.Fprintf(&b, "Person %d,G%d,%d-%02d-%02d\n", i%(n/2), i, 1950+i%50, 1+i%12, 1+i%28)
	}
	res, _ := link(t, read(t, b.String()), Config{})
	if res.Records != n {
		t.Errorf("records = %d", res.Records)
	}
}

// TestPairsFile checks the form of the pairs, and that no value leaks into them.
func TestPairsFile(t *testing.T) {
	res, _ := link(t, read(t, generated(t, 800)), Config{Truth: "person"})
	var b bytes.Buffer
	if err := res.WritePairs(&b); err != nil {
		t.Fatal(err)
	}
	out, err := csv.NewReader(&b).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	linked := int64(0)
	weight := regexp.MustCompile(`^[a-z_]+ ([a-z ]+ [+-][0-9.]+|missing)(; [a-z_]+ ([a-z ]+ [+-][0-9.]+|missing))*$`)
	for _, row := range out[1:] {
		if row[4] != "review" {
			linked++
		}
		if !weight.MatchString(row[8]) {
			t.Fatalf("reasons %q", row[8])
		}
	}
	if linked != res.Pairs {
		t.Errorf("%d linked pairs are written, %d were found", linked, res.Pairs)
	}
}

func TestBridges(t *testing.T) {
	edge := func(a, b uint32) pair { return pair{a: a, b: b} }
	triangles := []pair{edge(0, 1), edge(1, 2), edge(0, 2), edge(3, 4), edge(4, 5), edge(3, 5)}
	members := []uint32{0, 1, 2, 3, 4, 5}
	if !hasBridge(members, append(slices.Clone(triangles), edge(2, 3))) {
		t.Error("two triangles joined by one pair are not flagged")
	}
	if hasBridge(members, append(slices.Clone(triangles), edge(2, 3), edge(0, 5))) {
		t.Error("two triangles joined by two pairs are flagged")
	}
	if hasBridge([]uint32{0, 1, 2, 3}, []pair{edge(0, 1), edge(1, 2), edge(0, 2), edge(2, 3)}) {
		t.Error("a single record at the end is flagged")
	}
}

func BenchmarkRead(b *testing.B) {
	data := generated(b, 50_000)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		read(b, data)
	}
}

// BenchmarkLink links 100,000 generated records, reading included.
func BenchmarkLink(b *testing.B) { benchmarkLink(b, 100_000) }

// BenchmarkLinkMillion links a million, reading included.
func BenchmarkLinkMillion(b *testing.B) { benchmarkLink(b, 1_000_000) }

func benchmarkLink(b *testing.B, records int) {
	var data bytes.Buffer
	if err := generate(&data, records, 1); err != nil {
		b.Fatal(err)
	}
	var truth *Truth
	compared := int64(0)
	for b.Loop() {
		table, err := Read(context.Background(), Source{"a", bytes.NewReader(data.Bytes())})
		if err != nil {
			b.Fatal(err)
		}
		res, _ := link(b, table, Config{Truth: "person"})
		truth, compared = res.Truth, res.Compared
	}
	b.ReportMetric(truth.F1, "F1")
	b.ReportMetric(float64(compared), "compared")
}

func BenchmarkCompare(b *testing.B) {
	table := read(b, generated(b, 10_000))
	roles, err := assign(table, &Config{Truth: "person"})
	if err != nil {
		b.Fatal(err)
	}
	fr, err := prepare(table, roles, &Config{})
	if err != nil {
		b.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 1))
	for b.Loop() {
		fr.compare(uint32(r.IntN(fr.len())), uint32(r.IntN(fr.len())))
	}
}
