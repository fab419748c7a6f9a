package floor

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// order writes places as "2:first,1:asked".
func written(places []Place) string {
	var all []string
	for _, p := range places {
		var why []string
		for _, r := range p.Reasons {
			why = append(why, string(r.Why))
		}
		all = append(all, fmt.Sprintf("%d:%s", p.N, strings.Join(why, "+")))
	}
	return strings.Join(all, " ")
}

func ask(n int, speaker, typ string, more ...func(*Waiting)) Waiting {
	w := Waiting{N: n, Speaker: speaker, Type: typ, Kind: Statement, Mode: InRoom}
	for _, m := range more {
		m(&w)
	}
	return w
}

func remote(w *Waiting)           { w.Mode = Remote }
func newcomer(w *Waiting)         { w.New = true }
func granted(w *Waiting)          { w.Granted = true }
func kind(k Kind) func(*Waiting)  { return func(w *Waiting) { w.Kind = k } }
func moved(n int) func(*Waiting)  { return func(w *Waiting) { w.Moved = n } }
func heldTo(n int) func(*Waiting) { return func(w *Waiting) { w.Held = n } }

func spoke(n int, speaker, typ string, seconds int) Turn {
	return Turn{N: n, Speaker: speaker, Type: typ, Kind: Statement, Mode: InRoom, Seconds: seconds, Here: true}
}

func TestOrder(t *testing.T) {
	elsewhere := func(turn Turn) Turn { turn.Here = false; return turn }
	from := func(m Mode, turn Turn) Turn { turn.Mode = m; return turn }
	of := func(k Kind, turn Turn) Turn { turn.Kind = k; return turn }
	for _, c := range []struct {
		name    string
		rule    Rule
		waiting []Waiting
		turns   []Turn
		want    string
	}{
		{"nobody", Rule{}, nil, nil, ""},
		{"who asked earlier goes first", Rule{}, []Waiting{ask(1, "a", "ngo"), ask(2, "b", "ngo")}, nil, "1:asked 2:asked"},
		{"types take turns", Rule{}, []Waiting{ask(1, "a", "ngo"), ask(2, "b", "ngo"), ask(3, "c", "academia"), ask(4, "d", "private")}, nil,
			"1:asked 3:type-new 4:type-new 2:asked"},
		{"a type that comes late has one turn at a time", Rule{}, []Waiting{ask(5, "e", "ngo"), ask(6, "f", "ngo"), ask(8, "h", "academia"), ask(9, "i", "academia")},
			[]Turn{spoke(1, "a", "ngo", 60), spoke(2, "b", "ngo", 60), spoke(3, "c", "ngo", 60)}, "8:type-new 5:asked 9:type-turn 6:asked"},
		{"the type heard longest ago", Rule{}, []Waiting{ask(5, "e", "ngo"), ask(6, "f", "academia")},
			[]Turn{spoke(1, "a", "academia", 60), spoke(2, "b", "private", 60), spoke(3, "c", "ngo", 60)}, "6:type-turn 5:asked"},
		{"turns under other items are not the type's turns here", Rule{}, []Waiting{ask(5, "e", "ngo"), ask(6, "f", "academia")},
			[]Turn{elsewhere(spoke(1, "a", "ngo", 60))}, "5:asked 6:asked"},
		{"a panellist's contribution is not their type's turn, but counts as time", Rule{}, []Waiting{ask(5, "a", "ngo"), ask(6, "b", "ngo")},
			[]Turn{of(Panel, spoke(0, "a", "ngo", 600))}, "6:first 5:asked"},
		{"first time on the floor", Rule{}, []Waiting{ask(5, "a", "ngo"), ask(6, "b", "ngo")}, []Turn{elsewhere(spoke(1, "a", "ngo", 10))}, "6:first 5:asked"},
		{"who attends for the first time, before who has not spoken", Rule{}, []Waiting{ask(1, "a", "ngo"), ask(2, "b", "ngo", newcomer)}, nil, "2:newcomer 1:asked"},
		{"who attends for the first time and has spoken is like the others", Rule{}, []Waiting{ask(5, "a", "ngo"), ask(6, "b", "ngo", newcomer)},
			[]Turn{elsewhere(spoke(1, "a", "ngo", 30)), elsewhere(spoke(2, "b", "ngo", 30))}, "5:asked 6:asked"},
		{"less time in whole minutes", Rule{}, []Waiting{ask(5, "a", "ngo"), ask(6, "b", "ngo"), ask(7, "c", "ngo")},
			[]Turn{elsewhere(spoke(1, "a", "ngo", 130)), elsewhere(spoke(2, "b", "ngo", 119)), elsewhere(spoke(3, "c", "ngo", 60))}, "6:time 7:time 5:asked"},
		{"the time of an organisation counts together", Rule{}, []Waiting{ask(5, "org", "ngo"), ask(6, "b", "ngo")},
			[]Turn{elsewhere(spoke(1, "org", "ngo", 50)), elsewhere(spoke(2, "org", "ngo", 50)), elsewhere(spoke(3, "b", "ngo", 50))}, "6:time 5:asked"},
		{"a remote speaker after two from the room", Rule{}, []Waiting{ask(5, "e", "ngo"), ask(6, "f", "ngo", remote), ask(7, "g", "ngo")},
			[]Turn{spoke(1, "a", "ngo", 60), spoke(2, "b", "ngo", 60)}, "6:mode 5:asked 7:asked"},
		{"and the other way round", Rule{}, []Waiting{ask(5, "e", "ngo", remote), ask(6, "f", "ngo")},
			[]Turn{from(Remote, spoke(1, "a", "ngo", 60)), from(Remote, spoke(2, "b", "ngo", 60))}, "6:mode 5:asked"},
		{"not after one", Rule{}, []Waiting{ask(5, "e", "ngo"), ask(6, "f", "ngo", remote)}, []Turn{spoke(1, "a", "ngo", 60)}, "5:asked 6:asked"},
		{"unless the chair wants strict turns", Rule{Run: 1}, []Waiting{ask(5, "e", "ngo"), ask(6, "f", "ngo", remote)}, []Turn{spoke(1, "a", "ngo", 60)}, "6:mode 5:asked"},
		{"points of order before everything", Rule{}, []Waiting{ask(1, "a", "ngo", moved(9)), ask(2, "b", "ngo"), ask(3, "c", "state", kind(PointOfOrder)), ask(4, "d", "ngo", kind(PointOfOrder))}, nil,
			"3:order 4:order 1:chair 2:asked"},
		{"whom the chair moved last goes first", Rule{}, []Waiting{ask(1, "a", "ngo"), ask(2, "b", "ngo", moved(3)), ask(3, "c", "ngo", moved(4))}, nil, "3:chair 2:chair 1:asked"},
		{"replies at the end", Rule{}, []Waiting{ask(1, "s", "state", kind(Reply)), ask(2, "b", "ngo")}, nil, "2:asked 1:reply-end"},
		{"or when the chair decides", Rule{}, []Waiting{ask(1, "b", "ngo"), ask(2, "s", "state", kind(Reply), granted)}, nil, "2:reply-now 1:asked"},
		{"orders and replies cost nothing", Rule{}, []Waiting{ask(5, "a", "ngo"), ask(6, "b", "ngo")},
			[]Turn{of(PointOfOrder, spoke(1, "a", "ngo", 300)), of(Reply, spoke(2, "a", "ngo", 300))}, "5:asked 6:asked"},
		{"passed over until somebody else has spoken", Rule{}, []Waiting{ask(5, "e", "academia", heldTo(2)), ask(6, "f", "ngo"), ask(7, "g", "ngo")},
			[]Turn{spoke(1, "a", "ngo", 60)}, "6:asked 5:asked 7:asked"},
		{"passed over, and nobody else waits", Rule{}, []Waiting{ask(5, "e", "ngo", heldTo(9))}, nil, "5:held"},
		{"nobody is passed for ever", Rule{Pass: 2}, []Waiting{ask(5, "a", "ngo"), ask(6, "b", "ngo"), ask(7, "c", "ngo"), ask(8, "d", "ngo")},
			[]Turn{elsewhere(spoke(1, "a", "ngo", 60))}, "6:first 7:first 5:asked 8:asked"},
		{"who was passed often enough before this page was made", Rule{Pass: 2}, []Waiting{ask(5, "a", "ngo"), ask(8, "d", "ngo", newcomer)},
			[]Turn{elsewhere(spoke(1, "a", "ngo", 60)), spoke(6, "b", "ngo", 60), spoke(7, "c", "ngo", 60)}, "5:asked 8:asked"},
		{"of two who were passed often enough, who asked earlier", Rule{Pass: 1}, []Waiting{ask(4, "a", "ngo"), ask(5, "b", "ngo"), ask(8, "d", "ngo", newcomer)},
			[]Turn{elsewhere(spoke(1, "a", "ngo", 600)), spoke(7, "c", "ngo", 60)}, "4:asked 5:asked 8:asked"},
		{"a newcomer passes other types as long as no type has spoken", Rule{Pass: 1}, []Waiting{ask(3, "z", "academia"), ask(5, "a", "ngo"), ask(9, "d", "ngo", newcomer)},
			nil, "9:newcomer 3:asked 5:asked"},
		{"those who are not to be known are one type", Rule{}, []Waiting{ask(1, "a", "ngo"), ask(2, "b", ""), ask(3, "c", "")},
			[]Turn{spoke(0, "x", "ngo", 60)}, "2:type-new 1:asked 3:asked"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.rule.Seconds = 180
			if got := written(c.rule.Order(c.waiting, c.turns)); got != c.want {
				t.Errorf("the order is %s, want %s", got, c.want)
			}
		})
	}
}

func TestReasonsHaveNumbers(t *testing.T) {
	turns := []Turn{spoke(1, "a", "ngo", 130), spoke(2, "b", "private", 60), spoke(3, "c", "ngo", 70)}
	waiting := []Waiting{ask(5, "a", "ngo"), ask(6, "c", "ngo", remote), ask(7, "p", "private"), ask(8, "q", "academia")}
	for i, want := range []Reason{
		{Why: WhyTypeNew, Type: "academia"},
		{Why: WhyTypeTurn, Type: "private", N: 2},
		{Why: WhyTime, Seconds: 70},
		{Why: WhyAsked},
	} {
		if got := (Rule{Seconds: 60}).Order(waiting, turns)[i].Reasons[0]; got != want {
			t.Errorf("place %d: %+v, want %+v", i+1, got, want)
		}
	}
	places := Rule{Seconds: 60}.Order(waiting, turns)
	if places[3].N != 5 || places[3].Passed != 3 {
		t.Errorf("the last place is %+v, want request 5, passed by 3", places[3])
	}
}

// drawn draws a floor with history.
func drawn(r *rand.Rand) (Rule, []Waiting, []Turn) {
	types := []string{"ngo", "academia", "private", "state", ""}[:1+r.IntN(5)]
	speakers := 1 + r.IntN(12)
	typeOf := func(s int) string { return types[s%len(types)] }
	modes := []Mode{InRoom, Remote}
	n := 0
	var turns []Turn
	for range r.IntN(15) {
		s := r.IntN(speakers)
		n++
		turns = append(turns, Turn{N: n, Speaker: fmt.Sprint(s), Type: typeOf(s), Kind: []Kind{Statement, Statement, Panel, Reply, PointOfOrder}[r.IntN(5)],
			Mode: modes[r.IntN(2)], Seconds: r.IntN(400), Here: r.IntN(3) > 0})
	}
	var waiting []Waiting
	for range r.IntN(12) {
		s := r.IntN(speakers)
		n++
		if r.IntN(4) == 0 && len(turns) > 0 { // one who asked before somebody who has spoken
			turns[r.IntN(len(turns))].N = n
			n++
		}
		w := Waiting{N: n, Speaker: fmt.Sprint(s), Type: typeOf(s), Kind: Statement, Mode: modes[r.IntN(2)], New: r.IntN(3) == 0}
		switch r.IntN(12) {
		case 0:
			w.Kind = PointOfOrder
		case 1:
			w.Kind, w.Granted = Reply, r.IntN(2) == 0
		case 2:
			w.Moved = n
		case 3:
			w.Held = r.IntN(12)
		}
		waiting = append(waiting, w)
	}
	return Rule{Seconds: 60 + r.IntN(300), Pass: 1 + r.IntN(4), Run: 1 + r.IntN(3)}, waiting, turns
}

func eachScene(t *testing.T, fn func(seed int, r *rand.Rand, rule Rule, waiting []Waiting, turns []Turn)) {
	t.Helper()
	for seed := range 4000 {
		r := rand.New(rand.NewPCG(uint64(seed), 53))
		rule, waiting, turns := drawn(r)
		fn(seed, r, rule, waiting, turns)
		if t.Failed() {
			return
		}
	}
}

// TestOrderIsComplete holds that everybody has one place, that the places do not depend on how the requests were
// listed, and that nothing given is changed.
func TestOrderIsComplete(t *testing.T) {
	eachScene(t, func(seed int, r *rand.Rand, rule Rule, waiting []Waiting, turns []Turn) {
		want := rule.Order(waiting, turns)
		seen := map[int]bool{}
		for _, p := range want {
			seen[p.N] = true
			if len(p.Reasons) == 0 {
				t.Errorf("seed %d: place of %d without a reason", seed, p.N)
			}
		}
		if len(want) != len(waiting) || len(seen) != len(waiting) {
			t.Errorf("seed %d: %d places for %d requests", seed, len(want), len(waiting))
		}
		shuffled := slices.Clone(waiting)
		r.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		if got := rule.Order(shuffled, turns); written(got) != written(want) {
			t.Errorf("seed %d: listed otherwise the order is %s, was %s", seed, written(got), written(want))
		}
		if !slices.Equal(waiting, slices.SortedFunc(slices.Values(waiting), func(a, b Waiting) int { return a.N - b.N })) {
			t.Errorf("seed %d: the requests were moved", seed)
		}
	})
}

// TestPlacesFollow holds that the second in the order is the first once the first has spoken for as long as reckoned.
func TestPlacesFollow(t *testing.T) {
	eachScene(t, func(seed int, _ *rand.Rand, rule Rule, waiting []Waiting, turns []Turn) {
		places := rule.Order(waiting, turns)
		if len(places) < 2 {
			return
		}
		i := slices.IndexFunc(waiting, func(w Waiting) bool { return w.N == places[0].N })
		w := waiting[i]
		rest := slices.Delete(slices.Clone(waiting), i, i+1)
		then := append(slices.Clone(turns), Turn{N: w.N, Speaker: w.Speaker, Type: w.Type, Kind: w.Kind, Mode: w.Mode, Seconds: rule.Seconds, Here: true})
		if got := rule.Order(rest, then); written(got) != written(places[1:]) {
			t.Errorf("seed %d: then the order is %s, was told to be %s", seed, written(got), written(places[1:]))
		}
	})
}

// TestNobodyOvertakesUnnamed holds that each who stands before somebody who asked earlier has a reason that says so.
func TestNobodyOvertakesUnnamed(t *testing.T) {
	eachScene(t, func(seed int, _ *rand.Rand, rule Rule, waiting []Waiting, turns []Turn) {
		places := rule.Order(waiting, turns)
		for i, p := range places {
			passed := 0
			for _, before := range places[:i] {
				if before.N < p.N {
					continue
				}
				passed++
				mine := waiting[slices.IndexFunc(waiting, func(w Waiting) bool { return w.N == p.N })]
				ownReason := mine.Kind == Reply || mine.Held > 0
				if before.Reasons[0].Why == WhyAsked && !ownReason {
					t.Errorf("seed %d: %d stands before %d, who asked earlier, without a reason: %s", seed, before.N, p.N, written(places))
				}
			}
			if passed != p.Passed {
				t.Errorf("seed %d: %d is passed by %d, told %d", seed, p.N, passed, p.Passed)
			}
		}
	})
}

// TestNobodyStarves lets others ask again and again, as unkindly as chance allows, and holds the bound that
// docs/formats/floor.md promises: with k types, before somebody with e of their own type ahead there are at most
// (e + Pass + 1) × k − 1 turns, whoever asks later.
func TestNobodyStarves(t *testing.T) {
	for seed := range 1500 {
		r := rand.New(rand.NewPCG(uint64(seed), 7))
		types := []string{"ngo", "academia", "private", "state"}[:1+r.IntN(4)]
		rule := Rule{Seconds: 60, Pass: 1 + r.IntN(4), Run: 1 + r.IntN(3)}
		n := 0
		draw := func() Waiting {
			n++
			s := r.IntN(200)
			return Waiting{N: n, Speaker: fmt.Sprint(s), Type: types[s%len(types)], Kind: Statement, Mode: []Mode{InRoom, Remote}[r.IntN(2)], New: r.IntN(2) == 0}
		}
		// Somebody who has had a lot of time, so that every step of the rule is against them.
		turns := []Turn{{Speaker: "me", Type: types[0], Kind: Statement, Mode: InRoom, Seconds: 9000, Here: r.IntN(2) == 0}}
		var waiting []Waiting
		ahead := 0
		for range r.IntN(8) {
			w := draw()
			if w.Type == types[0] {
				ahead++
			}
			waiting = append(waiting, w)
		}
		n++
		me := n
		waiting = append(waiting, Waiting{N: me, Speaker: "me", Type: types[0], Kind: Statement, Mode: InRoom})
		bound := (ahead+rule.Pass+1)*len(types) - 1
		for before := 0; ; before++ {
			for range r.IntN(4) {
				waiting = append(waiting, draw())
			}
			first := rule.Order(waiting, turns)[0].N
			if first == me {
				break
			}
			if before == bound {
				t.Fatalf("seed %d: %d turns before me, at most %d are promised", seed, before+1, bound)
			}
			i := slices.IndexFunc(waiting, func(w Waiting) bool { return w.N == first })
			w := waiting[i]
			waiting = slices.Delete(waiting, i, i+1)
			turns = append(turns, Turn{N: w.N, Speaker: w.Speaker, Type: w.Type, Kind: w.Kind, Mode: w.Mode, Seconds: r.IntN(200), Here: true})
		}
	}
}

// TestMonotone holds that nobody gains a place by having used more time, nor by asking later.
func TestMonotone(t *testing.T) {
	first := func(rule Rule, waiting []Waiting, turns []Turn) int { return rule.Order(waiting, turns)[0].N }
	eachScene(t, func(seed int, r *rand.Rand, rule Rule, waiting []Waiting, turns []Turn) {
		if len(waiting) == 0 {
			return
		}
		i := r.IntN(len(waiting))
		me := waiting[i]
		was := first(rule, waiting, turns) == me.N
		more := append([]Turn{{Speaker: me.Speaker, Type: me.Type, Kind: Statement, Mode: me.Mode, Seconds: 60 * r.IntN(9)}}, turns...)
		if now := first(rule, waiting, more) == me.N; now && !was {
			others := slices.ContainsFunc(waiting, func(w Waiting) bool { return w.N != me.N && w.Speaker == me.Speaker })
			if !others { // the time of two requests of one speaker counts for both
				t.Errorf("seed %d: request %d is first after its speaker has used more time", seed, me.N)
			}
		}
		later := slices.Clone(waiting)
		later[i].N = 1000
		if now := first(rule, later, turns) == 1000; now && !was {
			t.Errorf("seed %d: request %d is first when it is made later", seed, me.N)
		}
	})
}

// TestEveryPair compares the rule with its text, read anew: for all pairs of requests and some histories, who is
// first.
func TestEveryPair(t *testing.T) {
	var all []Waiting
	for i := range 64 {
		pick := func(bit int) bool { return i>>bit&1 == 1 }
		w := Waiting{Speaker: "fresh", Type: "ngo", Kind: Statement, Mode: InRoom, New: pick(0)}
		if pick(1) {
			w.Mode = Remote
		}
		if pick(2) {
			w.Type = "academia"
		}
		switch i >> 3 & 3 {
		case 1:
			w.Speaker = "short"
		case 2:
			w.Speaker = "long"
		case 3:
			w.Kind, w.Granted = Reply, pick(1)
		}
		if pick(5) {
			w.Held = 3
		}
		all = append(all, w)
	}
	none := []Turn{}
	used := []Turn{{Speaker: "short", Type: "private", Kind: Statement, Mode: InRoom, Seconds: 59}, {Speaker: "long", Type: "private", Kind: Statement, Mode: InRoom, Seconds: 60}}
	here := append(slices.Clone(used), spoke(0, "x", "ngo", 60), spoke(0, "y", "ngo", 60))
	both := append(slices.Clone(here), Turn{Speaker: "z", Type: "academia", Kind: Statement, Mode: Remote, Seconds: 60, Here: true})
	pairs := 0
	for h, turns := range [][]Turn{none, used, here, both} {
		for _, a := range all {
			for _, b := range all {
				a.N, b.N = 1, 2
				pairs++
				want := 2
				if aGoesFirst(a, b, turns) {
					want = 1
				}
				if got := (Rule{Seconds: 60}).Order([]Waiting{b, a}, turns); got[0].N != want {
					t.Fatalf("history %d: %+v and %+v: %s, want %d first", h, a, b, written(got), want)
				}
			}
		}
	}
	t.Logf("%d pairs", pairs)
}

// aGoesFirst is the text of the rule for two requests of which a is the earlier, without steps 1, 2 and 5.
func aGoesFirst(a, b Waiting, turns []Turn) bool {
	class := func(w Waiting) int {
		switch {
		case w.Kind == Reply && w.Granted:
			return 0
		case w.Kind == Reply:
			return 2
		}
		return 1
	}
	if class(a) != class(b) {
		return class(a) < class(b)
	}
	if class(a) != 1 {
		return true
	}
	begun := 0
	lastOf := map[string]int{}
	var modes []Mode
	minutes := map[string]int{}
	for _, t := range turns {
		minutes[t.Speaker] += t.Seconds / 60
		if t.Here {
			begun++
			lastOf[t.Type] = begun
			modes = append(modes, t.Mode)
		}
	}
	if held := [2]bool{a.Held > begun, b.Held > begun}; held[0] != held[1] {
		return held[1]
	}
	if lastOf[a.Type] != lastOf[b.Type] {
		return lastOf[a.Type] < lastOf[b.Type]
	}
	spoken := func(w Waiting) bool {
		return slices.ContainsFunc(turns, func(t Turn) bool { return t.Speaker == w.Speaker })
	}
	if spoken(a) != spoken(b) {
		return spoken(b)
	}
	if !spoken(a) && a.New != b.New {
		return a.New
	}
	if minutes[a.Speaker] != minutes[b.Speaker] {
		return minutes[a.Speaker] < minutes[b.Speaker]
	}
	if n := len(modes); n >= 2 && modes[n-1] == modes[n-2] && a.Mode != b.Mode {
		return a.Mode != modes[n-1]
	}
	return true
}

func BenchmarkOrder(b *testing.B) {
	var waiting []Waiting
	for i := range 300 {
		waiting = append(waiting, ask(i+1, fmt.Sprint(i), []string{"ngo", "academia", "private", "state"}[i%4]))
	}
	for b.Loop() {
		Rule{Seconds: 180}.Order(waiting, nil)
	}
}
