package admission

import (
	"encoding/json"
	"maps"
	"math/rand"
	"net/url"
	"strings"
	"testing"

	"rostrum.example/internal/dialogue/application"
)

func TestTally(t *testing.T) {
	facts := []fact{
		{organisation: "a", kind: Stakeholder, kindOf: "ngo", region: "002", applied: true, approved: true, registered: true},
		{organisation: "a", kind: Stakeholder, kindOf: "ngo", region: "002", applied: true}, // applied twice
		{organisation: "b", kind: Stakeholder, kindOf: "academia", region: "150", applied: true},
		{organisation: "a", kind: Stakeholder, kindOf: "ngo", region: "002", persons: 1, inRoom: 1, spoke: 1},
		{organisation: "a", kind: Stakeholder, kindOf: "ngo", region: "002", persons: 1, inRoom: 1, remote: 1}, // in the room, then online
		{organisation: "a", kind: Stakeholder, kindOf: "ngo", region: "002", persons: 1},
		{organisation: "AT", kind: Government, region: "150", persons: 4, inRoom: 4},
		{organisation: "AT", kind: Government, region: "150", persons: 1, remote: 1},
		{organisation: "iom", kind: IGO, region: "150", persons: 2},
	}
	want := map[string]int{orgsApplied: 2, orgsApproved: 1, orgsRegistered: 1, orgsAttended: 1, governmentsPresent: 1, igosPresent: 0, personsRegistered: 10, personsAttended: 7, personsInPerson: 6, personsOnline: 2, speakers: 1}
	c := tally(facts)
	for _, f := range c.Figures {
		if want[f.What] != f.Number {
			t.Errorf("%s is %d, want %d", f.What, f.Number, want[f.What])
		}
	}
	if len(c.Figures) != len(want) {
		t.Errorf("%d figures", len(c.Figures))
	}
	// Every breakdown adds up to its total, and organisations never outnumber what came before.
	rng := rand.New(rand.NewSource(7))
	for range 200 {
		var all []fact
		for range rng.Intn(40) {
			n := 1 + rng.Intn(3)
			f := fact{organisation: string(rune('a' + rng.Intn(8))), kind: kinds[rng.Intn(4)], kindOf: []string{"", "ngo", "academia"}[rng.Intn(3)], region: regions[rng.Intn(5)], persons: n}
			f.applied = rng.Intn(2) == 0
			f.approved = f.applied && rng.Intn(2) == 0
			f.inRoom, f.remote = n*rng.Intn(2), n*rng.Intn(2)
			all = append(all, f)
		}
		c := tally(all)
		number := map[string]int{}
		for _, f := range c.Figures {
			number[f.What] = f.Number
		}
		for _, b := range append(c.ByType, c.ByRegion...) {
			sum := 0
			for _, n := range b.Cells {
				sum += n
			}
			if sum != number[b.What] {
				t.Fatalf("%s: the cells add up to %d, the total is %d", b.What, sum, number[b.What])
			}
		}
		if number[orgsApproved] > number[orgsApplied] || number[personsAttended] > number[personsRegistered] || number[personsInPerson]+number[personsOnline] < number[personsAttended] {
			t.Fatalf("the figures contradict each other: %v", number)
		}
	}
}

// TestSuppress: no small cell is shown, and none can be computed from the total where another could be hidden with it.
func TestSuppress(t *testing.T) {
	for _, c := range []struct{ cells, want map[string]int }{
		{map[string]int{"a": 5, "b": 3}, map[string]int{"a": 5, "b": 3}},
		{map[string]int{"a": 5, "b": 2, "c": 4}, map[string]int{"a": 5, "b": -1, "c": -1}},
		{map[string]int{"a": 5, "b": 2, "c": 1}, map[string]int{"a": 5, "b": -1, "c": -1}},
		{map[string]int{"a": 2, "b": 0}, map[string]int{"a": -1, "b": 0}},
		{nil, map[string]int{}},
	} {
		if got := suppress(c.cells); !maps.Equal(got, c.want) {
			t.Errorf("%v becomes %v, want %v", c.cells, got, c.want)
		}
	}
	rng := rand.New(rand.NewSource(11))
	for range 500 {
		cells, shown, hidden := map[string]int{}, 0, 0
		for i := range 2 + rng.Intn(5) {
			cells[string(rune('a'+i))] = rng.Intn(8)
		}
		for key, n := range suppress(cells) {
			switch {
			case n == hiddenCell:
				hidden++
			case n != cells[key], n > 0 && n < leastShown:
				t.Fatalf("%v shows %d for %s", cells, n, key)
			case n > 0:
				shown++
			}
		}
		if hidden == 1 && shown > 0 {
			t.Fatalf("%v hides one cell that can be computed", cells)
		}
	}
}

func TestRegions(t *testing.T) {
	// Standard country or area codes for statistical use (M49), as of 2024.
	for country, want := range map[string][2]string{"KE": {"002", "014"}, "TN": {"002", "015"}, "CD": {"002", "017"}, "ZA": {"002", "018"}, "SN": {"002", "011"}, "JM": {"019", "029"}, "MX": {"019", "013"},
		"BR": {"019", "005"}, "US": {"019", "021"}, "KZ": {"142", "143"}, "JP": {"142", "030"}, "TH": {"142", "035"}, "IR": {"142", "034"}, "CY": {"142", "145"}, "TR": {"142", "145"},
		"PL": {"150", "151"}, "EE": {"150", "154"}, "GR": {"150", "039"}, "AT": {"150", "155"}, "NZ": {"009", "053"}, "FJ": {"009", "054"}, "GU": {"009", "057"}, "WS": {"009", "061"}, "": {"", ""}, "ZZ": {"", ""}, "nonsense": {"", ""}} {
		if region, sub := regionOf(country); region != want[0] || sub != want[1] {
			t.Errorf("%s lies in %s, %s; want %v", country, region, sub, want)
		}
	}
}

// TestPublicCounts: the same totals for everybody, each with its definition; small cells and single organisations are
// nobody's business; figures of others stand beside ours.
func TestPublicCounts(t *testing.T) {
	g := newSQLiteRig(t)
	for range 4 {
		g.registered(sampleApplication{})
	}
	g.registered(sampleApplication{Name: "Hidden University", Type: "academia", Country: "FJ", Listing: application.Secretariat})
	for _, p := range g.participants() {
		if err := g.room.SetAttendance(t.Context(), officer, p.ID, p.Version, InRoom); err != nil {
			t.Fatal(err)
		}
		g.spoke[p.ID] = p.Body != "Hidden University"
	}
	b := g.officer()
	const desk = "/desk/dialogues/som-2027/counts"
	b.get(desk).wants(200, "Organisations that sent in an application", "Academia")
	bad := url.Values{"what": {"orgs_guessed"}, "number": {"-1"}, "source": {""}, "url": {"javascript:alert(1)"}, "published": {"soon"}}
	b.post(desk, bad).wants(422, "Choose what is counted", "Enter a whole number", "Fill this in", "begins with https://", "Enter a day like", "javascript:alert(1)")
	good := url.Values{"what": {orgsAttended}, "of": {"ngo"}, "number": {"40"}, "source": {"Sample press release"}, "url": {"https://example.org/press"}, "definition": {"NGOs in the room."}, "published": {"2026-11-20"}}
	b.post(desk, good).leadsTo("/en" + desk + "?done=figure")
	good.Set("number", "65")
	good.Set("source", "Sample newsletter")
	b.post(desk, good).leadsTo("/en" + desk + "?done=figure")

	public := g.browser().get("/dialogues/som-2027/counts").wants(200, "This is a sample", "Organisations that applied", "Each is counted once, however many persons it sent", "Sample press release", "Sample newsletter", "The figures differ", ">40<", ">65<", "too few to be shown").
		without("Hidden University", ">52<", "Fiji")
	if strings.Contains(public.said(), "<th scope=\"row\">Academia</th><td class=\"n\">") {
		t.Errorf("the one university can be found:\n%s", public.main())
	}
	var api struct {
		Sample bool
		Counts []apiCount
	}
	if err := json.Unmarshal(g.browser().get("/api/v1/dialogues/som-2027/counts").wants(200).Body.Bytes(), &api); err != nil {
		t.Fatal(err)
	}
	number := map[string]int{}
	for _, c := range api.Counts {
		if c.Source.Title == "the Sample Secretariat" {
			number[c.What] = c.Number
		}
		if c.Definition["en"] == "" || c.Source.Title == "" {
			t.Errorf("%s comes without definition or source: %+v", c.What, c)
		}
		for key, n := range c.ByType {
			if n != nil && *n < leastShown && *n > 0 {
				t.Errorf("%s by type shows %d for %s", c.What, *n, key)
			}
		}
	}
	if number[orgsRegistered] != 5 || number[orgsAttended] != 5 || number[speakers] != 4 || !api.Sample || len(api.Counts) != 13 {
		t.Errorf("the interface gives %v of %d", number, len(api.Counts))
	}
	g.browser().get("/api/v1/dialogues/nothing/counts").wants(404)
	// A figure that was withdrawn is gone; the record keeps both.
	figure := between(b.get(desk).Body.String(), `name="withdraw" value="`, `"`)
	b.post(desk, url.Values{"withdraw": {figure}}).leadsTo("/en" + desk + "?done=withdrawn")
	b.post(desk, url.Values{"withdraw": {figure}}).wants(404)
}

func between(s, from, to string) string {
	_, rest, _ := strings.Cut(s, from)
	found, _, _ := strings.Cut(rest, to)
	return found
}
