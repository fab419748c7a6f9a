package opinion

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
)

// votesOf lists the votes of a conversation.
func votesOf(c *Conversation) []Vote {
	var out []Vote
	for i := range c.rows {
		for j, time := range c.rows[i].all() {
			v, _ := c.columns[j].vote(i)
			out = append(out, Vote{c.participants[i], c.statements[j].ID, v, time})
		}
	}
	return out
}

func shuffle[T any](items []T, seed uint64) {
	for i := range items {
		j := int(mix(seed<<32+uint64(i)) % uint64(i+1))
		items[i], items[j] = items[j], items[i]
	}
}

func mustAdd(t testing.TB, c *Conversation, votes ...Vote) {
	t.Helper()
	if err := c.Add(votes...); err != nil {
		t.Fatal(err)
	}
}

// The order of the votes and the number of workers change nothing, to the
// last bit.
func TestOrderAndWorkers(t *testing.T) {
	for _, x := range []struct{ people, statements, percent int }{{300, 40, 60}, {4500, 20, 40}, {100, 300, 20}} {
		c := madeUp(x.people, x.statements, 3, x.percent, 2)
		o := Options{Resamples: 3, Seed: 5, Subgroups: true, Workers: 1}
		want := asJSON(t, mustMap(t, c, o))
		for workers := range 3 {
			votes := votesOf(c)
			shuffle(votes, uint64(workers))
			d := &Conversation{}
			mustAdd(t, d, votes...)
			o.Workers = workers + 1
			if got := asJSON(t, mustMap(t, d, o)); !bytes.Equal(got, want) {
				t.Fatalf("%v: another order of votes, on %d workers, gives another map", x, workers+1)
			}
		}
	}
}

// Straight from the votes, the axes are those of the compared pairs, and no
// order of arrival or number of workers changes a bit.
func TestVotesOperator(t *testing.T) {
	c := madeUp(9000, 60, 3, 30, 3)
	votes := votesOf(c)
	shuffle(votes, 4)
	d := &Conversation{}
	mustAdd(t, d, votes...)
	var outputs [][]float64
	for i, x := range []*Conversation{c, d, d} {
		m, _, err := x.matrix(context.Background(), Options{})
		if err != nil {
			t.Fatal(err)
		}
		var dense gram
		if dense, err = newGram(context.Background(), m.counts, m.compare, 2); err != nil {
			t.Fatal(err)
		}
		sparse := votesOperator(m, 1+i)
		want, got := make([]float64, len(m.columns)), make([]float64, len(m.columns))
		v := noise(len(m.columns), 9)
		dense.apply(want, v)
		sparse.apply(got, v)
		for j := range want {
			if math.Abs(want[j]-got[j]) > 1e-9*math.Abs(want[0]) {
				t.Fatalf("statement %d: %v from the votes, %v from pairs", j, got[j], want[j])
			}
		}
		outputs = append(outputs, got)
	}
	if !slices.Equal(outputs[0], outputs[1]) || !slices.Equal(outputs[1], outputs[2]) {
		t.Error("order of arrival or number of workers changes the operator")
	}
}

func votesOperator(m matrix, workers int) operator {
	means := make([]float64, len(m.columns))
	active := make([]int, len(m.columns))
	for j, n := range m.counts {
		means[j] = float64(n.sum()) / float64(n.Seen)
		active[j] = j
	}
	return m.fromVotes(active, means, workers)
}

// Other names for the participants give the same map.
func TestRenaming(t *testing.T) {
	c := madeUp(400, 50, 4, 50, 6)
	names := slices.Clone(c.participants)
	shuffle(names, 7)
	renamed := map[ParticipantID]ParticipantID{}
	for i, id := range c.participants {
		renamed[id] = names[i]
	}
	d := &Conversation{}
	for _, v := range votesOf(c) {
		v.Participant = renamed[v.Participant]
		mustAdd(t, d, v)
	}
	a, b := mustMap(t, c, Options{}), mustMap(t, d, Options{})
	at := map[ParticipantID]ParticipantResult{}
	for _, p := range b.ParticipantResults {
		at[p.ID] = p
	}
	for _, p := range a.ParticipantResults {
		q := at[renamed[p.ID]]
		p.ID = q.ID
		if p != q {
			t.Fatalf("renamed participant: %+v became %+v", p, q)
		}
	}
	a.ParticipantResults, b.ParticipantResults = nil, nil
	if !bytes.Equal(asJSON(t, a), asJSON(t, b)) {
		t.Error("renaming the participants changes the map")
	}
}

// Adding votes to a mapped conversation gives the map of all votes, to the
// last bit; so does a conversation restored from its state.
func TestIncremental(t *testing.T) {
	c := madeUp(250, 60, 3, 60, 8)
	votes := votesOf(c)
	shuffle(votes, 9)
	// Some votes are changed later, some arrive late.
	n := len(votes)
	for i := range 300 {
		v := votes[i*7%n]
		v.Value = Value(int(mix(uint64(i))%3) - 1)
		v.Time = int64(i%3) - 1
		votes = append(votes, v)
	}
	live := &Conversation{}
	done := 0
	for _, upTo := range []int{10, 11, n / 3, n / 2, n - 1, n, n + 1, n + 150, len(votes)} {
		mustAdd(t, live, votes[done:upTo]...)
		done = upTo
		fresh := &Conversation{}
		mustAdd(t, fresh, votes[:upTo]...)
		got := asJSON(t, mustMap(t, live, Options{}))
		if !bytes.Equal(got, asJSON(t, mustMap(t, fresh, Options{}))) {
			t.Fatalf("after %d votes the live map is not the map from scratch", upTo)
		}
		saved := asJSON(t, live)
		if !bytes.Equal(saved, asJSON(t, fresh)) {
			t.Fatalf("after %d votes the state differs from the one from scratch", upTo)
		}
		var restored Conversation
		if err := json.Unmarshal(saved, &restored); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, asJSON(t, mustMap(t, &restored, Options{}))) || !bytes.Equal(saved, asJSON(t, &restored)) {
			t.Fatalf("after %d votes the restored state is another conversation", upTo)
		}
		checkTogether(t, live)
		live = &restored
		mustMap(t, live, Options{})
		mustMap(t, live, Options{}) // from here on the pairs are kept
	}
}

// checkTogether compares the pairs kept with the votes.
func checkTogether(t *testing.T, c *Conversation) {
	t.Helper()
	for j, row := range c.together {
		for k, p := range row {
			if want := comparePair(c.columns[j], c.columns[k]); p != want {
				t.Fatalf("statements %d and %d: kept %+v, counted %+v", j, k, p, want)
			}
		}
	}
}

func TestRestoreRefuses(t *testing.T) {
	for _, s := range []string{
		`{}`, `[]`, `{"format":"opinion-2"}`,
		`{"format":"opinion-1","statements":[{"id":1,"moderation":1},{"id":1,"moderation":1}]}`,
		`{"format":"opinion-1","statements":[{"id":1,"moderation":7}]}`,
		`{"format":"opinion-1","statements":[{"id":1.5}]}`,
		`{"format":"opinion-1","statements":[{"id":1,"moderation":1}],"participants":[{"id":1,"votes":[[1,0,0]]}]}`,
		`{"format":"opinion-1","statements":[{"id":1,"moderation":1}],"participants":[{"id":1,"votes":[[0,2,0]]}]}`,
		`{"format":"opinion-1","statements":[{"id":1,"moderation":1}],"participants":[{"id":1,"votes":[]}]}`,
	} {
		c := madeUp(3, 3, 1, 100, 1)
		before := asJSON(t, c)
		if err := json.Unmarshal([]byte(s), c); err == nil {
			t.Errorf("restored %s", s)
		}
		if !bytes.Equal(before, asJSON(t, c)) {
			t.Errorf("a refused state %s changed the conversation", s)
		}
	}
}

func FuzzRestore(f *testing.F) {
	f.Add(asJSON(f, madeUp(3, 4, 2, 60, 1)))
	f.Add([]byte(`{"format":"opinion-1","statements":[{"id":"x","moderation":0}],"participants":[{"id":1,"votes":[[0,1,-9]]}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		var c Conversation
		if json.Unmarshal(b, &c) != nil {
			return
		}
		saved := asJSON(t, &c)
		var again Conversation
		if err := json.Unmarshal(saved, &again); err != nil {
			t.Fatalf("restored once, but not twice: %v", err)
		}
		if !bytes.Equal(saved, asJSON(t, &again)) {
			t.Fatal("a restored state is not the state")
		}
	})
}

func TestLastVoteWins(t *testing.T) {
	for _, x := range []struct {
		name  string
		votes []Vote
		want  Value
	}{
		{"later time", []Vote{{"1", "1", Agree, 1}, {"1", "1", Disagree, 2}}, Disagree},
		{"earlier time", []Vote{{"1", "1", Agree, 2}, {"1", "1", Disagree, 1}}, Agree},
		{"same time", []Vote{{"1", "1", Agree, 2}, {"1", "1", Pass, 2}}, Pass},
		{"third", []Vote{{"1", "1", Agree, 2}, {"1", "1", Pass, 3}, {"1", "1", Disagree, 2}}, Pass},
	} {
		c := &Conversation{}
		mustAdd(t, c, x.votes...)
		if got, ok := c.Vote("1", "1"); !ok || got != x.want {
			t.Errorf("%s: %v, %v; want %v", x.name, got, ok, x.want)
		}
	}
	c := &Conversation{}
	for _, v := range []Vote{{"1", "1", 2, 0}, {"", "1", 1, 0}, {"1", "", 1, 0}, {"\xff", "1", 1, 0}, {"1", "a\nb", 1, 0}, {ParticipantID(strings.Repeat("a", 300)), "1", 1, 0}} {
		if err := c.Add(v); err == nil {
			t.Errorf("added %+v", v)
		}
	}
	if c.Participants() != 0 {
		t.Error("a refused vote left a participant behind")
	}
}

// Conversations too small or too plain for a map still have one.
func TestDegenerate(t *testing.T) {
	grid := func(people, statements int, vote func(i, j int) (Value, bool)) *Conversation {
		c := &Conversation{}
		for i := range people {
			for j := range statements {
				if v, ok := vote(i, j); ok {
					mustAdd(t, c, Vote{ParticipantID(fmt.Sprint(i)), StatementID(fmt.Sprint(j)), v, 0})
				}
			}
		}
		return c
	}
	all := func(v Value) func(i, j int) (Value, bool) {
		return func(i, j int) (Value, bool) { return v, true }
	}
	for _, x := range []struct {
		name   string
		c      *Conversation
		groups int
		note   string
	}{
		{"empty", &Conversation{}, 0, "no_votes"},
		{"one voter", grid(1, 9, all(Agree)), 1, "one_participant"},
		{"one statement", grid(20, 1, func(i, j int) (Value, bool) { return Value(i%2*2 - 1), true }), 2, "one_statement"},
		{"nobody agreed", grid(20, 9, all(Disagree)), 1, "one_group"},
		{"all agreed", grid(20, 9, all(Agree)), 1, "one_group"},
		{"all passed", grid(20, 9, all(Pass)), 1, "one_group"},
		{"two camps", grid(20, 9, func(i, j int) (Value, bool) { return Value(i%2*2 - 1), true }), 2, "one_axis"},
		{"a lone voice", grid(20, 9, func(i, j int) (Value, bool) { return Value(min(i, 1)*2 - 1), true }), 2, "one_axis"},
		{"one vote each", grid(20, 20, func(i, j int) (Value, bool) { return Agree, i == j }), 1, "one_group"},
		{"identical rows", grid(30, 12, func(i, j int) (Value, bool) { return Value((i%3+j)%3 - 1), true }), 3, "equal_axes"},
	} {
		t.Run(x.name, func(t *testing.T) {
			r := mustMap(t, x.c, Options{Resamples: 5, Subgroups: true})
			if len(r.Groups) != x.groups {
				t.Errorf("%d groups, want %d; silhouettes %v", len(r.Groups), x.groups, r.Silhouettes)
			}
			if !slices.ContainsFunc(r.Notes, func(n Note) bool { return n.Code == x.note }) {
				t.Errorf("notes %v, want %s", r.Notes, x.note)
			}
			asJSON(t, r) // refuses NaN and infinities
			if p, err := r.Publish(PublicationThreshold); err != nil {
				t.Error(err)
			} else {
				asJSON(t, p)
			}
		})
	}
}

// A statement that was moderated out moves nobody, and its column counts as
// seen by all.
func TestModeration(t *testing.T) {
	c := madeUp(60, 20, 2, 70, 11)
	for i := range 60 {
		mustAdd(t, c, Vote{ParticipantID(fmt.Sprint(i)), "99", Value(i%2*2 - 1), 0})
	}
	if err := c.Describe(Statement{ID: "99", Moderation: Rejected}); err != nil {
		t.Fatal(err)
	}
	r := mustMap(t, c, Options{})
	x := r.StatementResults[len(r.StatementResults)-1]
	if x.ID != "99" || !x.ModeratedOut || x.Loading != (Point{}) || x.Extremity != 0 || x.Seen != 60 {
		t.Errorf("moderated out: %+v", x)
	}
	for _, g := range r.Groups {
		for _, s := range g.Representative {
			if s.Statement == "99" {
				t.Error("a statement that was moderated out represents a group")
			}
		}
	}
	if err := c.Describe(Statement{ID: "99", Moderation: Pending}); err != nil {
		t.Fatal(err)
	}
	strict, open := mustMap(t, c, Options{Strict: true}), mustMap(t, c, Options{})
	if !strict.StatementResults[20].ModeratedOut || open.StatementResults[20].ModeratedOut {
		t.Error("only strict moderation leaves pending statements out")
	}
	if strict.ParticipantResults[3].Place != r.ParticipantResults[3].Place {
		t.Error("a pending statement under strict moderation is not like a rejected one")
	}
}

// The engine finds as many groups as were planted, more than five included.
func TestPlantedGroups(t *testing.T) {
	for _, k := range []int{2, 3, 4, 6, 7, 8} {
		c := planted(60*k, k)
		r := mustMap(t, c, Options{})
		var want, got []int
		for i, p := range r.ParticipantResults {
			want, got = append(want, i%k), append(got, p.Group)
		}
		if ari := randIndex(want, got); len(r.Groups) != k || ari < 0.95 {
			t.Errorf("%d groups planted: found %d, adjusted Rand index %.3f, silhouettes %v", k, len(r.Groups), ari, r.Silhouettes)
		}
	}
}

// planted is a conversation of k groups around a circle of opinion.
func planted(people, k int) *Conversation {
	const statements = 120
	c := &Conversation{}
	for j := range statements {
		c.addStatement(Statement{ID: StatementID(fmt.Sprint(j)), Moderation: Accepted})
	}
	for i := range people {
		c.addParticipant(ParticipantID(fmt.Sprint(i)))
		at := 2 * math.Pi * float64(i%k) / float64(k)
		for j := range statements {
			lean := math.Cos(at - 2*math.Pi*float64(j)/statements)
			u := float64(mix(uint64(i*statements+j)+77)) / (1 << 64)
			switch {
			case u < 0.5+0.48*lean:
				c.record(i, j, Agree, 0)
			default:
				c.record(i, j, Disagree, 0)
			}
		}
	}
	return c
}

func TestOptions(t *testing.T) {
	c := planted(240, 4)
	for k := 1; k <= 6; k++ {
		if r := mustMap(t, c, Options{K: k}); len(r.Groups) != k {
			t.Errorf("%d groups asked for, %d found", k, len(r.Groups))
		}
	}
	for _, o := range []Options{{K: -1}, {K: 101}, {MostGroups: -1}, {MostGroups: 101}, {Resamples: -1}} {
		if _, err := c.Map(context.Background(), o); err == nil {
			t.Errorf("mapped with %+v", o)
		}
	}
	if r := mustMap(t, c, Options{MostGroups: 3}); len(r.Groups) > 3 {
		t.Errorf("%d groups, at most 3 asked for", len(r.Groups))
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := c.Map(ctx, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled map gives %v", err)
	}
	// Someone with too few votes stays when told so.
	mustAdd(t, c, Vote{"few", "1", Agree, 0})
	if r := mustMap(t, c, Options{}); r.Grouped != 240 {
		t.Errorf("%d grouped, want 240", r.Grouped)
	}
	if r := mustMap(t, c, Options{Keep: []ParticipantID{"few"}}); r.Grouped != 241 {
		t.Errorf("%d grouped with one kept, want 241", r.Grouped)
	}
}

func TestSteady(t *testing.T) {
	var s Steady
	var inForce []int
	for _, best := range []int{3, 4, 4, 4, 4, 2, 5, 5, 5, 2, 5, 5, 5, 5} {
		s = s.Next(best)
		inForce = append(inForce, s.K)
	}
	want := []int{3, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4, 4, 4, 5}
	if !slices.Equal(inForce, want) {
		t.Errorf("numbers of groups in force %v, want %v", inForce, want)
	}
	c := planted(240, 4)
	r := mustMap(t, c, Options{Steady: &Steady{K: 2, Candidate: 2, Wins: 4}})
	if len(r.Groups) != 2 || r.Steady != (Steady{K: 2, Candidate: 4, Wins: 1}) {
		t.Errorf("%d groups, state %+v", len(r.Groups), r.Steady)
	}
}

func TestSubgroups(t *testing.T) {
	r := mustMap(t, planted(400, 4), Options{K: 2, Subgroups: true})
	for g, x := range r.Groups {
		sum := 0
		for s, n := range x.Subgroups {
			sum += n
			count := 0
			for _, p := range r.ParticipantResults {
				if p.Group == g && p.Subgroup == s {
					count++
				}
			}
			if count != n {
				t.Errorf("subgroup %d of group %d: %d said, %d counted", s, g, n, count)
			}
		}
		if sum != x.Size || len(x.Subgroups) != 2 {
			t.Errorf("group %d of %d has subgroups %v", g, x.Size, x.Subgroups)
		}
	}
}

func TestRow(t *testing.T) {
	var r row
	times := []int64{5, 5, -3, math.MaxInt64, math.MinInt64, 0, 1 << 60}
	for i, at := range times {
		r.add(i*4000, at)
	}
	if r.renew(4000, 4) || !r.renew(4000, 6) || !r.renew(8000, -3) || !r.renew(12000, math.MaxInt64) {
		t.Error("an earlier time takes the place of a later one, or a later one does not")
	}
	times[1] = 6
	n := 0
	for j, at := range r.all() {
		if j != n*4000 || at != times[n] {
			t.Errorf("vote %d on %d at %d, want %d at %d", n, j, at, n*4000, times[n])
		}
		n++
	}
	if n != len(times) || r.count != n {
		t.Errorf("%d votes, counted %d", n, r.count)
	}
}
