package admission

import (
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"rostrum.example/internal/dialogue/application"
	"rostrum.example/internal/ledger"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

var update = flag.Bool("update", false, "write the golden files anew")

var drawn = regexp.MustCompile(`[a-z2-9]{26}|[A-Z2-9]{8}\b|[A-Z2-9]{5}-[A-Z2-9]{5}`)

// golden holds a text against the file that says what it should be; names that are drawn at random are left out.
func golden(t *testing.T, name, got string) {
	t.Helper()
	got = drawn.ReplaceAllString(got, "…")
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is not as it was; run the test with -update and look at the difference\n%s", name, got)
	}
}

// sampleDialogue is a dialogue in which something of everything has happened.
func sampleDialogue(t *testing.T) *rig {
	g := newSQLiteRig(t)
	g.registered(sampleApplication{Name: "Open House", Persons: []map[string]string{{"name": "Ada Sample", "function": "Director", "email": "ada@example.org", "mode": "in_person"}}, Speaks: true})
	g.registered(sampleApplication{Name: "Maison ouverte", Country: "TN", Lang: locale.French})
	g.registered(sampleApplication{Name: "البيت المفتوح", Country: "LB", Lang: locale.Arabic})
	declined := g.apply(sampleApplication{Name: "Declined House", Country: "AT", Type: "academia"})
	g.bring(declined, application.CompletenessCheck, application.WithBureau)
	if got := g.take(member, declined, application.Objected, "objector", "FR", "made", "2026-11-20", "reply_by", "2026-12-10", "reason", "A sample ground.", "named", "", "told", ""); got != "" {
		t.Fatal(got)
	}
	g.bring(declined, application.Declined)
	if _, err := g.room.AddParticipant(t.Context(), officer, som, ParticipantData{Kind: "state", Body: "Austria", Country: "AT", Number: "6", Mode: "in_person", Listing: "public"}); err != nil {
		t.Fatal(err)
	}
	for _, p := range g.participants() {
		if err := g.room.SetAttendance(t.Context(), officer, p.ID, p.Version, InRoom); err != nil {
			t.Fatal(err)
		}
	}
	return g
}

// TestGoldenLetters holds the words of every built-in letter in every language.
func TestGoldenLetters(t *testing.T) {
	g := sampleDialogue(t)
	var ids []string
	for _, p := range g.participants() {
		ids = append(ids, string(p.ID))
	}
	if _, err := g.room.IssueCertificates(t.Context(), officer, som, ids); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	g.read(func(tx *store.Tx) error {
		d, err := g.cycle.Dialogue(tx, som)
		if err != nil {
			return err
		}
		for _, l := range letters {
			all, err := g.room.addressees(tx, d, l)
			if err != nil {
				return err
			}
			p := g.room.press(d, l)
			for _, x := range all {
				body, err := p.letter(tx, x)
				if err != nil {
					return err
				}
				text, err := paragraphs(body)
				if err != nil {
					return err
				}
				out.WriteString("== " + string(l) + ", " + string(x.lang()) + "\n" + strings.Join(text, "\n") + "\n\n")
			}
		}
		return nil
	})
	golden(t, "letters.golden", out.String())
}

// TestGoldenPages holds the pages that are the product.
func TestGoldenPages(t *testing.T) {
	g := sampleDialogue(t)
	b := g.officer()
	for name, path := range map[string]string{"table": "/desk/dialogues/som-2027/applications?sort=name", "counts": "/dialogues/som-2027/counts", "objections": "/dialogues/som-2027/objections", "list": "/desk/dialogues/som-2027/lists/participants?for=public"} {
		for _, lang := range []string{"en", "ar"} {
			b.lang = lang
			golden(t, name+"."+lang+".golden", b.get(path).wants(200).main())
		}
	}
}

// TestStepPage walks the page on which an objection is decided.
func TestStepPage(t *testing.T) {
	g := newSQLiteRig(t)
	id := g.apply(sampleApplication{})
	g.bring(id, application.CompletenessCheck, application.WithBureau)
	b := g.officer()
	at := "/desk/dialogues/som-2027/applications/" + string(id)
	b.get(at).wants(200, "Write down an objection", "No objection").without("Admit<")
	b.get(at+"/step/objected").wants(200, "Who objects", "14 days are proposed", "Who objected is shown only where", `value="2026-11-23"`)
	b.get(at+"/step/admitted").wants(409, "This step cannot follow")
	_, version := g.stands(id)
	form := map[string][]string{"version": {string(rune('0' + version))}, "objector": {"AT"}, "made": {"2026-11-20"}, "reply_by": {"2026-12-10"}, "reason": {"A sample ground."}}
	form["objector"] = []string{"ZZ"}
	b.post(at+"/step/objected", form).wants(422, "There is no State with these letters", `value="ZZ"`, "A sample ground.", `href="#objector"`)
	form["objector"] = []string{"AT"}
	form["version"] = []string{string(rune('0' + version - 1))}
	b.post(at+"/step/objected", form).wants(422, "Somebody else was quicker", "A sample ground.")
	form["version"] = []string{string(rune('0' + version))}
	b.post(at+"/step/objected", form).leadsTo("/en" + at + "?done=step")
	b.get(at).wants(200, "Austria", "not shown outside", "A sample ground.", "ground not told", "Reply possible until 10 December 2026", "Write down a further objection")
	b.get(at+"/step/object").wants(200, "Who objects")
	// A decision asks for a young sign-in before the form is filled in.
	g.pass(16 * 60e9)
	if a := b.get(at + "/step/declined"); a.Code != 303 || !strings.Contains(a.Header().Get("Location"), "/sign-in?") {
		t.Errorf("an old sign-in gets %d %s", a.Code, a.Header().Get("Location"))
	}
	_, version = g.stands(id)
	b.post(at+"/step/declined", map[string][]string{"version": {string(rune('0' + version))}, "reason": {"A sample reason."}}).wants(422, "Sign in again in a new tab", "A sample reason.")
	b.post(at+"/review", map[string][]string{"version": {"0"}, "fit": {"2"}}).wants(422, "Say why")
	b.post(at+"/note", map[string][]string{"note": {" "}}).wants(422, "Fill this in")
	b.post(at+"/note", map[string][]string{"note": {"Call them on Mondays."}}).leadsTo("/en" + at + "?done=note")
	b.get(at).wants(200, "Call them on Mondays.")
}

// TestToday: what waits for whom.
func TestToday(t *testing.T) {
	g := newSQLiteRig(t)
	g.site.Page("GET /today", g.directory.SignedIn(func(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
		return g.db.Read(r.Context(), func(tx *store.Tx) error {
			all, err := g.room.Today(tx, r, actor)
			if err != nil {
				return err
			}
			return page.JSON(w, http.StatusOK, all)
		})
	}))
	g.many(3)
	waiting := g.apply(sampleApplication{})
	g.bring(waiting, application.CompletenessCheck, application.WithBureau)
	b := g.officer()
	b.get("/today").wants(200, "3 applications wait to be checked", `"Count": 3`, "state=submitted").without("before the bureau")
	g.invite("Sample Member", "member@example.org", party.Bureau, party.OfBody("som")).get("/today").wants(200, "1 application is before the bureau").without("to be checked")
	g.invite("Sample Coordinator", "umbrella@example.org", party.Coordinator, party.WholeInstance()).get("/today").wants(200, "null")
	b.get("/desk/dialogues/som-2027").wants(200, "Check, object, decide", "How many took part")
}

// TestPersonTakesTheirDataAlong: a person who has an account exports and erases what stands under their address.
func TestPersonTakesTheirDataAlong(t *testing.T) {
	g := newSQLiteRig(t)
	g.registered(sampleApplication{Persons: []map[string]string{{"name": "Ada Sample", "email": "Ada@Example.org", "mode": "in_person"}}})
	p := party.Person{ID: "ada", Email: "ada@example.org"}
	g.write(func(tx *store.Tx) error {
		kept, err := g.room.ExportPerson(tx, p)
		if all, ok := kept.([]exported); err != nil || !ok || len(all) != 1 || all[0].Name != "Ada Sample" {
			t.Errorf("the export is %v, %v", kept, err)
		}
		if kept, err := g.room.ExportPerson(tx, party.Person{ID: "x", Email: "nobody@example.org"}); kept != nil || err != nil {
			t.Errorf("somebody else's export is %v, %v", kept, err)
		}
		return g.room.ErasePerson(tx, p)
	})
	if all := g.participants(); all[0].Name != "" || all[0].Email != "" || all[0].Erased.IsZero() {
		t.Errorf("after the erasure: %+v", all[0])
	}
}

// TestResolve: a published figure can be cited until it is taken out.
func TestResolve(t *testing.T) {
	g := newSQLiteRig(t)
	if err := g.room.AddFigure(t.Context(), officer, som, FigureData{What: orgsAttended, Number: "40", Source: "Sample press release", URL: "https://example.org/press"}); err != nil {
		t.Fatal(err)
	}
	var all []PublishedFigure
	g.read(func(tx *store.Tx) (err error) {
		all, err = g.room.Published(tx, som)
		return err
	})
	c, err := g.room.Resolve(t.Context(), "figure/som-2027/"+all[0].ID)
	if err != nil || c.Title != "Organisations that took part: 40 (Sample press release)" || c.Address != "/dialogues/som-2027/counts" {
		t.Errorf("%+v, %v", c, err)
	}
	for _, bad := range []string{"figure/som-2027/nothing", "figure", "other/x/y"} {
		if _, err := g.room.Resolve(t.Context(), bad); err != ledger.ErrNotFound {
			t.Errorf("%s: %v", bad, err)
		}
	}
}
