package opinion

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func mustPublish(t testing.TB, r *Result, threshold int) *Result {
	t.Helper()
	p, err := r.Publish(threshold)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// checkPublished holds what a publication must never show.
func checkPublished(t *testing.T, p *Result, threshold int) {
	t.Helper()
	if p.ParticipantResults != nil || p.BaseClusters != nil {
		t.Error("a publication shows participants")
	}
	for _, g := range p.Groups {
		if g.Size < threshold {
			t.Errorf("a group of %d is published", g.Size)
		}
	}
	for _, s := range p.StatementResults {
		if s.Seen > 0 && s.Seen < threshold {
			t.Errorf("statement %s is published with %d votes", s.ID, s.Seen)
		}
		var all Counts
		for _, n := range s.Groups {
			all = all.plus(n.Counts)
			if n.Seen < threshold {
				t.Errorf("statement %s is published with %d votes of a group", s.ID, n.Seen)
			}
		}
		if len(s.Groups) > 0 && all != s.Counts {
			t.Errorf("statement %s: the groups give %+v, all %+v: the rest could be told", s.ID, all, s.Counts)
		}
		if s.Moderation != Accepted && s.Text != "" {
			t.Errorf("statement %s was not accepted and its words are published", s.ID)
		}
		if s.Loading != (Point{}) {
			t.Errorf("statement %s is published with its loading", s.ID)
		}
	}
}

func TestPublish(t *testing.T) {
	c := planted(300, 3)
	// Five people of their own opinion, and one statement few saw.
	for i := range 5 {
		for j := range 120 {
			mustAdd(t, c, Vote{ParticipantID(fmt.Sprint("x", i)), StatementID(fmt.Sprint(j)), Value(j%2*2 - 1), 0})
		}
		mustAdd(t, c, Vote{ParticipantID(fmt.Sprint("x", i)), "rare", Agree, 0})
	}
	for i := range 60 {
		mustAdd(t, c, Vote{ParticipantID(fmt.Sprint(i * 3)), "of one group", Agree, 0})
	}
	if err := c.Describe(Statement{ID: "7", Text: "not for print", Moderation: Pending}); err != nil {
		t.Fatal(err)
	}
	r := mustMap(t, c, Options{K: 4, Resamples: 3, Subgroups: true})
	if r.Groups[3].Size != 5 {
		t.Fatalf("groups of %v; the engine must not merge small ones", sizes(r.Groups))
	}
	before := asJSON(t, r)
	p := mustPublish(t, r, PublicationThreshold)
	if !bytes.Equal(before, asJSON(t, r)) {
		t.Error("publishing changes the original")
	}
	checkPublished(t, p, PublicationThreshold)
	if len(p.Groups) != 3 || p.Publication.Merged != 1 || p.Groups[0].Size != 105 || p.Stability != nil {
		t.Errorf("groups %s, %+v", sizes(p.Groups), *p.Publication)
	}
	if s := p.statement("rare"); !s.Suppressed || s.Seen != 0 {
		t.Errorf("what five people saw is published: %+v", s)
	}
	if s := p.statement("of one group"); s.Suppressed || s.Groups != nil || s.Seen != 60 {
		t.Errorf("what one group saw: %+v", s)
	}
	if p.Publication.Statements != 1 || p.Publication.GroupCounts != 1 {
		t.Errorf("publication %+v", *p.Publication)
	}
	again := mustPublish(t, p, PublicationThreshold)
	if again != p {
		t.Error("publishing twice is not publishing once")
	}
	if _, err := p.Publish(20); err == nil {
		t.Error("a publication was published again with a higher threshold")
	}
	if _, err := r.Publish(1); err == nil {
		t.Error("published with threshold 1")
	}
	if all := mustPublish(t, r, 400); len(all.Groups) != 0 || slices.ContainsFunc(all.StatementResults, func(s StatementResult) bool { return s.Seen > 0 }) {
		t.Error("with a threshold above all, something is published")
	}
	if bytes.Contains(asJSON(t, p), []byte("not for print")) {
		t.Error("the words of a pending statement are published")
	}
}

func TestPublishPublished(t *testing.T) {
	for _, folder := range folders {
		t.Run(folder, func(t *testing.T) {
			r := mustMap(t, published(t, folder), Options{})
			checkPublished(t, mustPublish(t, r, PublicationThreshold), PublicationThreshold)
		})
	}
}

// categorised is a conversation in which categories divide on some statements
// and join on others.
func categorised(t testing.TB, states, ngos, academia int) *Conversation {
	t.Helper()
	c := &Conversation{}
	category := map[ParticipantID]string{"unknown": "NGO"}
	i := 0
	for n, size := range []int{states, ngos, academia} {
		for range size {
			id := ParticipantID(fmt.Sprint(i))
			category[id] = []string{"State", "NGO", "Academia"}[n]
			for j := range 30 {
				v := Value(int(mix(uint64(i*30+j))%3) - 1)
				switch {
				case j < 3: // all agree
					v = Agree
				case j < 6: // all disagree
					v = Disagree
				case j < 9: // States against the others
					v = Agree
					if n == 0 {
						v = Disagree
					}
				}
				mustAdd(t, c, Vote{id, StatementID(fmt.Sprint(j)), v, 0})
			}
			i++
		}
	}
	if unknown := c.Categorise(category); !slices.Equal(unknown, []ParticipantID{"unknown"}) {
		t.Fatalf("unknown %v", unknown)
	}
	return c
}

func TestCategories(t *testing.T) {
	c := categorised(t, 40, 60, 30)
	r := mustMap(t, c, Options{})
	var names []string
	for _, x := range r.Categories {
		names = append(names, fmt.Sprint(x.Name, x.Size))
		if x.Map.Participants != x.Size || len(x.Map.StatementResults) != len(r.StatementResults) {
			t.Errorf("map of %s: %d participants, %d statements", x.Name, x.Map.Participants, len(x.Map.StatementResults))
		}
		// The map of a category is that of its participants alone.
		alone := &Conversation{}
		for _, v := range votesOf(c) {
			if c.category[c.participantIndex[v.Participant]] == x.Name {
				mustAdd(t, alone, v)
			}
		}
		alone.Categorise(map[ParticipantID]string{})
		want := mustMap(t, alone, Options{})
		got := *x.Map
		got.Notes, want.Notes = nil, nil
		for i := range got.ParticipantResults {
			if got.ParticipantResults[i].Category != x.Name {
				t.Errorf("participant %s is in %q", got.ParticipantResults[i].ID, got.ParticipantResults[i].Category)
			}
			want.ParticipantResults[i].Category = x.Name
		}
		if !bytes.Equal(asJSON(t, got), asJSON(t, want)) {
			t.Errorf("the map of %s is not that of its participants alone", x.Name)
		}
	}
	if fmt.Sprint(names) != "[Academia30 NGO60 State40]" {
		t.Errorf("categories %v", names)
	}
	bridges := func(all []Bridge) (ids []StatementID) {
		for _, b := range all {
			ids = append(ids, b.Statement)
		}
		return ids
	}
	if got := bridges(r.Bridges.Agree); !slices.Equal(got, []StatementID{"0", "1", "2"}) {
		t.Errorf("all categories agree on %v", got)
	}
	if got := bridges(r.Bridges.Disagree); !slices.Equal(got, []StatementID{"3", "4", "5"}) {
		t.Errorf("all categories disagree on %v", got)
	}
	b := r.Bridges.Agree[0]
	if want := 31.0 / 32 * 61 / 62 * 41 / 42; !near(b.Score, want) || !b.Groups || len(b.Shares) != 3 {
		t.Errorf("bridge %+v, want score %v", b, want)
	}
	for i, d := range r.Bridges.Divides[:3] {
		if d.More != "NGO" || d.Less != "State" || d.Statement != StatementID(fmt.Sprint(i+6)) || !near(d.Gap, 61.0/62-1.0/42) {
			t.Errorf("divide %+v", d)
		}
	}
}

func TestPublishCategories(t *testing.T) {
	for _, x := range []struct {
		states, ngos, academia int
		shown                  string
		withheld               string
	}{
		{40, 60, 30, "Academia NGO State", ""},
		// One small category would be told from the whole, so another goes.
		{8, 60, 30, "NGO", "Academia State"},
		{8, 60, 9, "NGO", "Academia State"},
		{8, 60, 2, "", "Academia NGO State"},
	} {
		r := mustMap(t, categorised(t, x.states, x.ngos, x.academia), Options{})
		p := mustPublish(t, r, PublicationThreshold)
		checkPublished(t, p, PublicationThreshold)
		var shown []string
		hidden := p.Participants
		for _, c := range p.Categories {
			shown = append(shown, c.Name)
			hidden -= c.Size
			checkPublished(t, c.Map, PublicationThreshold)
			if c.Size < PublicationThreshold {
				t.Errorf("category %s of %d is published", c.Name, c.Size)
			}
		}
		if hidden > 0 && hidden < PublicationThreshold {
			t.Errorf("%d who are withheld can be told", hidden)
		}
		if got := strings.Join(shown, " "); got != x.shown || strings.Join(p.Publication.Categories, " ") != x.withheld {
			t.Errorf("%+v: shown %q, withheld %v", x, got, p.Publication.Categories)
		}
		if (p.Bridges != nil) != (len(shown) > 1) {
			t.Errorf("%+v: bridges %v", x, p.Bridges)
		}
	}
}

// A result can be stored and read back.
func TestResultJSON(t *testing.T) {
	c := categorised(t, 20, 30, 20)
	r := mustMap(t, c, Options{Resamples: 3, Subgroups: true})
	saved := asJSON(t, r)
	var back Result
	if err := json.Unmarshal(saved, &back); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(saved, asJSON(t, &back)) {
		t.Error("a result read back is another one")
	}
	var keys struct {
		Participants, Statements int
		Groups                   []struct{ ID, Size int }
		Consensus                struct{ Agree, Disagree []int }
		Stability                float64
	}
	if err := json.Unmarshal(saved, &keys); err != nil {
		t.Fatal(err)
	}
	if keys.Participants != 70 || keys.Statements != 30 || len(keys.Groups) != len(r.Groups) || keys.Groups[0].Size == 0 || len(keys.Consensus.Agree) == 0 || keys.Stability == 0 {
		t.Errorf("keys that others rely on: %+v", keys)
	}
}
