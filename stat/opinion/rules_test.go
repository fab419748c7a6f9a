package opinion

import (
	"fmt"
	"math"
	"slices"
	"testing"
)

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-12*math.Max(1, math.Abs(b)) }

func TestProportionTests(t *testing.T) {
	for _, x := range []struct {
		s, n int
		want float64
	}{
		{0, 0, 1}, // one in one
		{8, 10, 2 * math.Sqrt(11) * (9.0/11 - 0.5)},
		{0, 9, 2 * math.Sqrt(10) * (1.0/10 - 0.5)},
	} {
		if got := proportionTest(x.s, x.n); !near(got, x.want) {
			t.Errorf("proportionTest(%d, %d) = %v, want %v", x.s, x.n, got, x.want)
		}
	}
	for _, x := range []struct {
		s1, s2, n1, n2 int
		want           float64
	}{
		{8, 2, 10, 10, (6.0 / 11) / math.Sqrt(12.0/22*10.0/22*2.0/11)},
		{5, 5, 5, 5, 0}, // all succeed
		{3, 6, 7, 14, (4.0/8 - 7.0/15) / math.Sqrt(11.0/23*12.0/23*(1.0/8+1.0/15))},
	} {
		if got := ratioTest(x.s1, x.s2, x.n1, x.n2); !near(got, x.want) {
			t.Errorf("ratioTest(%d, %d, %d, %d) = %v, want %v", x.s1, x.s2, x.n1, x.n2, got, x.want)
		}
	}
	g := compareGroup(Counts{Agree: 6, Disagree: 1, Seen: 8}, Counts{Agree: 2, Disagree: 5, Seen: 10})
	for name, x := range map[string][2]float64{
		"agree share":    {g.AgreeShare, 7.0 / 10},
		"disagree share": {g.DisagreeShare, 2.0 / 10},
		"agree ratio":    {g.AgreeRatio, (7.0 / 10) / (3.0 / 12)},
		"disagree ratio": {g.DisagreeRatio, (2.0 / 10) / (6.0 / 12)},
	} {
		if !near(x[0], x[1]) {
			t.Errorf("%s = %v, want %v", name, x[0], x[1])
		}
	}
}

// statementsOf makes statements from the votes of two groups on each: agree,
// disagree and seen of the one, then of the other.
func statementsOf(votes ...[6]int) []StatementResult {
	var out []StatementResult
	for i, v := range votes {
		a, b := Counts{v[0], v[1], v[2]}, Counts{v[3], v[4], v[5]}
		out = append(out, StatementResult{
			ID: StatementID(fmt.Sprint(i)), Moderation: Accepted,
			Counts: a.plus(b), Groups: compareGroups([]Counts{a, b}),
		})
	}
	return out
}

func TestRepresentative(t *testing.T) {
	list := func(r []Representative) string {
		s := ""
		for _, x := range r {
			s += fmt.Sprintf("%s%.1s", x.Statement, x.Side)
			if x.BestAgree {
				s += "!"
			}
			s += " "
		}
		return s
	}
	for _, x := range []struct {
		name  string
		votes [][6]int
		want  string
	}{
		{"nothing seen", [][6]int{{0, 0, 0, 0, 0, 0}}, ""},
		{"only passes", [][6]int{{0, 0, 5, 0, 0, 5}}, "0d "},
		{"agrees stand before disagrees", [][6]int{{0, 30, 30, 30, 0, 30}, {20, 10, 30, 5, 25, 30}}, "1a! 0d "},
		{"the best agreed with comes first", [][6]int{{20, 5, 30, 0, 30, 30}, {30, 0, 30, 0, 30, 30}, {25, 5, 30, 0, 30, 30}}, "1a! 2a 0a "},
		{"no more than five", [][6]int{{20, 0, 20, 0, 20, 20}, {20, 0, 20, 0, 20, 20}, {20, 0, 20, 0, 20, 20}, {20, 0, 20, 0, 20, 20}, {20, 0, 20, 0, 20, 20}, {20, 0, 20, 0, 20, 20}}, "0a! 1a 2a 3a 4a "},
		{"none sufficient, one agreed with", [][6]int{{9, 1, 10, 9, 1, 10}, {1, 9, 10, 1, 9, 10}}, "0a! "},
		{"none sufficient, none agreed with", [][6]int{{1, 4, 10, 1, 4, 10}, {1, 4, 10, 1, 2, 10}}, "1d "},
	} {
		if got := list(representative(statementsOf(x.votes...), 0)); got != x.want {
			t.Errorf("%s: %q, want %q", x.name, got, x.want)
		}
	}
	hidden := statementsOf([6]int{30, 0, 30, 0, 30, 30}, [6]int{20, 5, 30, 0, 20, 30})
	hidden[0].ModeratedOut = true
	if got := list(representative(hidden, 0)); got != "1a! " {
		t.Errorf("with one moderated out: %q", got)
	}
}

func TestConsensus(t *testing.T) {
	s := statementsOf(
		[6]int{9, 1, 10, 9, 1, 10},   // 0: agreed
		[6]int{1, 9, 10, 1, 9, 10},   // 1: disagreed
		[6]int{10, 0, 10, 0, 10, 10}, // 2: divided
		[6]int{10, 0, 10, 10, 0, 10}, // 3: agreed by all
		[6]int{1, 0, 1, 0, 0, 0},     // 4: one voter passes the test as it stands
		[6]int{0, 0, 20, 0, 0, 20},   // 5: passed
		[6]int{9, 1, 10, 9, 1, 10},   // 6: as 0
	)
	got := consensus(s)
	if want := []StatementID{"3", "0", "6", "4"}; !slices.Equal(got.Agree, want) {
		t.Errorf("agreed %v, want %v", got.Agree, want)
	}
	if want := []StatementID{"1"}; !slices.Equal(got.Disagree, want) {
		t.Errorf("disagreed %v, want %v", got.Disagree, want)
	}
	aware := groupAware(s)
	if want := []StatementID{"3", "0", "6"}; !slices.Equal(aware.Agree, want) {
		t.Errorf("all groups agree on %v, want %v", aware.Agree, want)
	}
	if !near(s[0].GroupAgree, 10.0/12*10/12) || !near(s[1].GroupDisagree, 10.0/12*10/12) || !near(s[4].GroupAgree, 2.0/3*1/2) {
		t.Errorf("group-aware consensus %v, %v, %v", s[0].GroupAgree, s[1].GroupDisagree, s[4].GroupAgree)
	}
}

func TestPriority(t *testing.T) {
	for _, x := range []struct {
		n    Counts
		e    float64
		meta bool
		want float64
	}{
		{Counts{}, 0, false, 2.25 * 2.25},
		{Counts{}, 3, true, 49},
		{Counts{Agree: 6, Disagree: 2, Seen: 10}, 1.5, false, math.Pow((1-3.0/12)*2.5*(7.0/12)*(1+8*0.25), 2)},
		{Counts{Agree: 600, Disagree: 200, Seen: 1000}, 1.5, false, math.Pow((1-201.0/1002)*2.5*(601.0/1002), 2)},
	} {
		if got := priority(x.n, x.e, x.meta); !near(got, x.want) {
			t.Errorf("priority(%v, %v, %v) = %v, want %v", x.n, x.e, x.meta, got, x.want)
		}
	}
}

func TestNext(t *testing.T) {
	c := planted(40, 2)
	if err := c.Describe(
		Statement{ID: "new", Moderation: Accepted}, Statement{ID: "pending", Moderation: Pending}, Statement{ID: "out", Moderation: Rejected},
		Statement{ID: "home", Moderation: Accepted, Meta: true}); err != nil {
		t.Fatal(err)
	}
	r := mustMap(t, c, Options{})
	drawn := map[StatementID]int{}
	const draws = 4000
	for i := range draws {
		id, ok := c.Next(r, "0", (float64(i)+0.5)/draws)
		if !ok {
			t.Fatal("nothing left to ask")
		}
		drawn[id]++
	}
	// Participant 0 saw everything but the four that were added.
	total := 49 + 2.25*2.25
	if len(drawn) != 2 || math.Abs(float64(drawn["home"])/draws-49/total) > 1e-3 {
		t.Errorf("drawn %v; want home with share %.4f, else new", drawn, 49/total)
	}
	seen := map[StatementID]bool{}
	for i := range draws {
		id, ok := c.Next(r, "nobody yet", (float64(i)+0.5)/draws)
		if !ok || id == "pending" || id == "out" {
			t.Fatalf("someone new is asked %q, %v", id, ok)
		}
		seen[id] = true
	}
	if len(seen) < 100 {
		t.Errorf("someone new is asked %d different statements only", len(seen))
	}
	mustAdd(t, c, Vote{"0", "new", Agree, 1}, Vote{"0", "home", Pass, 1})
	if id, ok := c.Next(r, "0", 0.5); ok {
		t.Errorf("all is answered, yet %q is asked", id)
	}
	for _, u := range []float64{0, math.Nextafter(1, 0), 1} {
		if id, ok := c.Next(r, "1", u); !ok || id == "" {
			t.Errorf("draw %v gives %q, %v", u, id, ok)
		}
	}
}

func TestParticipants(t *testing.T) {
	r := mustMap(t, planted(240, 3), Options{})
	var all Point
	for _, p := range r.ParticipantResults {
		all.X += p.Place.X / 240
		all.Y += p.Place.Y / 240
	}
	for _, g := range r.Groups {
		var centre Point
		inner, outer, n := 0, 0, 0
		for _, p := range r.ParticipantResults {
			if p.Group != g.ID {
				continue
			}
			n++
			centre.X += p.Place.X / float64(g.Size)
			centre.Y += p.Place.Y / float64(g.Size)
			d := p.Place.minus(g.Centre)
			if !near(p.Closeness, 1-d.length()) {
				t.Errorf("closeness %v, want %v", p.Closeness, 1-d.length())
			}
			away := g.Centre.minus(all)
			want := (d.X*away.X + d.Y*away.Y) / away.length()
			if math.Abs(p.Extremeness-want) > 1e-9 {
				t.Errorf("extremeness %v, want %v", p.Extremeness, want)
			}
			if radius := g.Extent.radius(d); radius <= g.Extent.Half {
				inner++
			} else if radius > g.Extent.Most {
				outer++
			}
		}
		if n != g.Size || centre.minus(g.Centre).length() > 1e-9 {
			t.Errorf("group %d: %d members about %v, said %d about %v", g.ID, n, centre, g.Size, g.Centre)
		}
		if inner < n/2 || inner > n/2+1 || outer > n/10+1 {
			t.Errorf("group %d of %d: %d within the inner ellipse, %d outside the outer one", g.ID, n, inner, outer)
		}
	}
}

func TestRandIndex(t *testing.T) {
	for _, x := range []struct {
		a, b []int
		want float64
	}{
		{[]int{0, 0, 1, 1}, []int{1, 1, 0, 0}, 1},
		{[]int{0, 0, 0, 0}, []int{0, 0, 0, 0}, 1},
		{[]int{0, 1, 2, 3}, []int{3, 2, 1, 0}, 1},
		{[]int{0, 0, 1, 1}, []int{0, 1, 0, 1}, -0.5},
		{[]int{0, 0, 0, 0}, []int{0, 0, 1, 1}, 0},
		// Hubert and Arabie's index by hand: cells 2 1 0 2 of 5.
		{[]int{0, 0, 0, 1, 1}, []int{0, 0, 1, 1, 1}, (2 - 16.0/10) / (4 - 16.0/10)},
		{[]int{0, 0, -1, 1, 1, 1}, []int{1, 1, 0, 0, 0, -1}, 1},
		{[]int{-1}, []int{0}, 1},
	} {
		if got := randIndex(x.a, x.b); !near(got, x.want) {
			t.Errorf("randIndex(%v, %v) = %v, want %v", x.a, x.b, got, x.want)
		}
	}
}

func TestStability(t *testing.T) {
	firm, loose := planted(200, 3), &Conversation{}
	for i := range 60 {
		for j := range 40 {
			mustAdd(t, loose, Vote{ParticipantID(fmt.Sprint(i)), StatementID(fmt.Sprint(j)), Value(int(mix(uint64(i*40+j))%3) - 1), 0})
		}
	}
	a, b := mustMap(t, firm, Options{Resamples: 30, Seed: 1}), mustMap(t, loose, Options{Resamples: 30, Seed: 1})
	if *a.Stability < 0.98 || a.Resampling.SameK < 0.98 || a.Resampling.FixedK < 0.98 {
		t.Errorf("planted groups have stability %v, %+v", *a.Stability, *a.Resampling)
	}
	if *b.Stability > 0.7 {
		t.Errorf("noise has stability %v, %+v", *b.Stability, *b.Resampling)
	}
	times := 0
	for _, k := range b.Resampling.K {
		times += k.Times
	}
	if times != 30 || b.Resampling.Low > *b.Stability {
		t.Errorf("resampling %+v", *b.Resampling)
	}
	if other := mustMap(t, loose, Options{Resamples: 30, Seed: 2}); *other.Stability == *b.Stability {
		t.Error("another seed gives the same stability of noise")
	}
	if none := mustMap(t, firm, Options{}); none.Stability != nil || none.Resampling != nil {
		t.Error("stability without resamples")
	}
}

// Leaving people out by subtraction is leaving them out.
func TestWithout(t *testing.T) {
	c := madeUp(130, 25, 3, 50, 14)
	m, _, err := c.matrix(t.Context(), Options{Resamples: 1})
	if err != nil {
		t.Fatal(err)
	}
	out := leaveOut(130, 3, 0)
	if len(out) != 26 || !slices.IsSorted(out) || len(slices.Compact(slices.Clone(out))) != 26 {
		t.Fatalf("left out %v", out)
	}
	var kept []int
	for i := range 130 {
		if !slices.Contains(out, i) {
			kept = append(kept, i)
		}
	}
	a, b := m.without(out), m.only(kept, 1)
	if !slices.Equal(a.counts, b.counts) || !slices.Equal(a.cast, b.cast) {
		t.Error("counts differ")
	}
	for j := range m.columns {
		for k := range m.columns {
			if a.compare(j, k) != b.compare(j, k) {
				t.Fatalf("statements %d and %d: %+v, want %+v", j, k, a.compare(j, k), b.compare(j, k))
			}
		}
	}
}

func TestUsualResamples(t *testing.T) {
	for _, x := range []struct{ people, statements, want int }{{126, 371, 100}, {10_000, 500, 4}, {100_000, 1000, 4}, {0, 0, 100}, {2000, 300, 33}} {
		if got := UsualResamples(x.people, x.statements); got != x.want {
			t.Errorf("UsualResamples(%d, %d) = %d, want %d", x.people, x.statements, got, x.want)
		}
	}
}

func TestCompareIDs(t *testing.T) {
	want := []StatementID{"0", "2", "9", "10", "100", "", "01", "1a", "a", "b"}
	got := slices.Clone(want)
	shuffle(got, 5)
	slices.SortFunc(got, compareIDs)
	if !slices.Equal(got, want) {
		t.Errorf("order %q, want %q", got, want)
	}
}
