package admission

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"rostrum.example/format/spreadsheet"
	"rostrum.example/internal/dialogue/application"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

var countries = []string{"KE", "TN", "AT", "MX", "PH", "FJ", "NG", "LB", "FR", "BR"}

// many plants applications of all kinds in one transaction.
func (g *rig) many(n int) (ids []application.ID) {
	g.t.Helper()
	g.write(func(tx *store.Tx) error {
		for i := range n {
			id, err := g.plant(tx, sampleApplication{Country: countries[i%len(countries)], Type: []string{"ngo", "ngo", "academia", "private_sector"}[i%4],
				Listing: []application.Listing{application.Public, application.Participants, application.Public, application.Secretariat}[i%4], Speaks: i%3 == 0, Travel: i%2 == 0})
			if err != nil {
				return err
			}
			ids = append(ids, id)
		}
		return nil
	})
	return ids
}

var rowsIn = regexp.MustCompile(`<th scope="row"><a href="[^"]+"><bdi>([^<]*)</bdi>`)

func (a answer) rows() (all []string) {
	for _, m := range rowsIn.FindAllStringSubmatch(a.Body.String(), -1) {
		all = append(all, m[1])
	}
	return all
}

func TestTableFiltersAndSorts(t *testing.T) {
	g := newSQLiteRig(t)
	ids := g.many(40)
	b := g.officer()
	for _, c := range []struct {
		query string
		want  int
	}{
		{"", 40}, {"type=ngo", 20}, {"type=ngo&type=academia", 30}, {"region=002", 12}, {"region=014", 4}, {"country=AT", 4}, {"listing=secretariat_only", 10},
		{"travel=yes", 20}, {"speaks=yes&travel=no", 7}, {"q=organisation+007", 1}, {"q=SO1", 11}, {"objected=yes", 0}, {"first=yes", 40}, {"complete=no", 0},
		{"state=submitted", 40}, {"state=admitted", 0}, {"type=nonsense", 0}, {"fit=none", 40}, {"sort=nonsense&travel=perhaps", 40},
	} {
		if got := len(b.get("/desk/dialogues/som-2027/applications?" + c.query).wants(200).rows()); got != c.want {
			t.Errorf("%q shows %d, want %d", c.query, got, c.want)
		}
	}
	down := b.get("/desk/dialogues/som-2027/applications?sort=-name").wants(200, `aria-sort="descending"`).rows()
	if !slices.IsSortedFunc(down, func(x, y string) int { return strings.Compare(y, x) }) || len(down) != 40 {
		t.Errorf("sorted downwards by name: %v", down)
	}
	b.get("/desk/dialogues/som-2027/applications?col=topic&col=f.working_languages").wants(200, "What shelters see at sea", "English, French").without("<th scope=\"col\">Topic fit")
	b.get("/desk/dialogues/som-2027/applications").wants(200, "This is a sample", `name="pick"`, "Kenya, Eastern Africa", "Hand to the bureau")

	// What others see: the bureau no addresses, the umbrella nobody who is with the secretariat only.
	seat := g.invite("Sample Member", "member@example.org", party.Bureau, party.OfBody("som"))
	seat.get("/desk/dialogues/som-2027/applications?col=email&col=f.expertise_per_dialogue").wants(200, "Shelters along the coast").without("contact001@example.org", "Hand to the bureau", "sealed.zip")
	seat.get("/desk/dialogues/som-2027/applications/"+string(ids[0])).wants(200, "Shelters along the coast", "Coordinator").without("Person 001 Sample", "example.org\"", "Notes of the unit", "Sample Officer")
	seat.get("/desk/dialogues/som-2027/participants").wants(403)
	seat.get("/desk/dialogues/som-2027/sealed.zip").wants(403)
	sun := g.invite("Sample Coordinator", "umbrella@example.org", party.Coordinator, party.WholeInstance())
	if got := len(sun.get("/desk/dialogues/som-2027/applications").wants(200).without(`name="pick"`, ".xlsx", "Topic fit").rows()); got != 30 {
		t.Errorf("the umbrella body sees %d applications, want 30", got)
	}
	sun.get("/desk/dialogues/som-2027/applications/" + string(ids[3])).wants(404)
	sun.get("/desk/dialogues/som-2027/applications/"+string(ids[0])).wants(200, "What shelters see at sea").without("Shelters along the coast", "Person 001")
	sun.get("/desk/dialogues/som-2027/applications.xlsx").wants(403)
	g.browser().get("/desk/dialogues/som-2027/applications").wants(303)
	b.get("/desk/dialogues/nothing/applications").wants(404)
}

func TestBulk(t *testing.T) {
	g := newSQLiteRig(t)
	ids := g.many(6)
	g.bring(ids[5], application.Withdrawn)
	gappy := g.apply(sampleApplication{Without: "working_languages"})
	b := g.officer()
	const path = "/desk/dialogues/som-2027/applications"
	pick := func(all ...application.ID) (ticks []string) {
		for _, id := range all {
			_, version := g.stands(id)
			ticks = append(ticks, fmt.Sprintf("%s.%d", id, version))
		}
		return ticks
	}
	b.post(path, url.Values{"to": {"with_extended_bureau"}}).wants(422, "Tick at least one application")
	b.post(path, url.Values{"pick": pick(ids[0])}).wants(422, "Choose what to do", "checked")
	b.post(path, url.Values{"pick": pick(ids[0]), "to": {"returned"}}).wants(422, "Fill this in", "checked")
	b.post(path+"?type=ngo", url.Values{"pick": append(pick(ids[0], ids[1], ids[2], gappy, ids[5]), string(ids[3])+".1"), "to": {"with_extended_bureau"}}).
		wants(200, "Done with 3 applications.", "3 were left as they were.", "Required answers are missing", "it now stands at “Submitted”", "This step cannot follow", `applications?type=ngo"`)
	for i, want := range []string{application.WithBureau, application.WithBureau, application.WithBureau, application.Submitted} {
		if got, _ := g.stands(ids[i]); got != want {
			t.Errorf("application %d stands at %s, want %s", i, got, want)
		}
	}
	b.post(path, url.Values{"pick": pick(gappy), "to": {"complete"}}).wants(200, "Done with 1 application.", "Being checked for completeness")
	b.post(path, url.Values{"pick": pick(gappy), "to": {"with_extended_bureau"}}).wants(200, "Done with 1 application.")

	// Two at once: the chair's table is older than what the officer did.
	old := pick(ids[0], ids[1])
	b.post(path, url.Values{"pick": pick(ids[0]), "to": {"admitted"}}).wants(200, "Done with 1 application.", "Admitted")
	seat := g.invite("Sample Member", "member@example.org", party.Bureau, party.OfBody("som"))
	seat.post(path, url.Values{"pick": old, "to": {"no_objection"}}).wants(200, "Done with 1 application.", "1 was left as it was.", "it now stands at “Admitted”")

	// A sign-in that is too old for a decision loses nothing that was typed.
	g.pass(16 * time.Minute)
	b.post(path, url.Values{"pick": pick(ids[2]), "to": {"admitted"}, "reason": {"Proven expertise."}}).wants(422, "Sign in again in a new tab", "Proven expertise.", `value="admitted" selected`, "checked")
	if got, _ := g.stands(ids[2]); got != application.WithBureau {
		t.Errorf("it was decided on an old sign-in: %s", got)
	}
	b.post(path, url.Values{"pick": {"nonsense", "x.y", string(ids[2]) + ".-1"}, "to": {"complete"}}).wants(200, "1 was left as it was.")
	b.post(path, url.Values{"pick": {"nobody.1"}, "to": {"complete"}}).wants(404)
}

// TestExport: what the table shows is what the workbook holds; a name that a program would compute is not computed.
func TestExport(t *testing.T) {
	g := newSQLiteRig(t)
	g.many(5)
	g.apply(sampleApplication{Name: "=HYPERLINK(\"https://evil.example\")", Country: "AT"})
	b := g.officer()
	body := b.get("/desk/dialogues/som-2027/applications.csv?country=AT").wants(200).Body.String()
	if strings.Contains(body, "\n=HYPER") || !strings.Contains(body, "'=HYPERLINK") || !strings.Contains(body, "This is a sample") || strings.Contains(body, "Kenya") {
		t.Errorf("the text is\n%s", body)
	}
	b.lang = "ar"
	a := b.get("/desk/dialogues/som-2027/applications.xlsx?sort=-name").wants(200)
	book, err := spreadsheet.Read("x.xlsx", bytes.NewReader(a.Body.Bytes()), int64(a.Body.Len()), spreadsheet.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(book.Sheets[0].Rows); n != 7 {
		t.Errorf("the workbook has %d rows, want the line of the sample and six", n)
	}
}

// TestSealed: sealed answers leave as they came.
func TestSealed(t *testing.T) {
	g := newSQLiteRig(t)
	id := g.apply(sampleApplication{Sealed: "age-encryption.org/v1 sample"})
	b := g.officer()
	b.get("/desk/dialogues/som-2027/applications/"+string(id)).wants(200, "Sealed on", "rostrum open")
	b.get("/desk/dialogues/som-2027/applications/"+string(id)+"/sealed.age").wants(200, "age-encryption.org/v1 sample")
	if body := b.get("/desk/dialogues/som-2027/sealed.zip").wants(200).Body.Bytes(); !bytes.Contains(body, []byte("applications/"+string(id)+".age")) {
		t.Error("the archive lacks the file")
	}
	other := g.apply(sampleApplication{})
	b.get("/desk/dialogues/som-2027/applications/" + string(other) + "/sealed.age").wants(404)
}

// TestPageIsLight holds the weight of the table on the wire.
func TestPageIsLight(t *testing.T) {
	g := newSQLiteRig(t)
	g.many(190)
	body := g.officer().get("/desk/dialogues/som-2027/applications").wants(200).Body.Bytes()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	z.Write(body)
	z.Close()
	if out.Len() > 60_000 {
		t.Errorf("190 applications weigh %d bytes", out.Len())
	}
	t.Logf("190 applications: %d bytes, %d on the wire", len(body), out.Len())
}

// BenchmarkTable answers 190 applications through the handler.
func BenchmarkTable(b *testing.B) {
	g := newSQLiteRig(b)
	g.many(190)
	browser := g.officer()
	b.ResetTimer()
	for range b.N {
		r := httptest.NewRequest("GET", "/en/desk/dialogues/som-2027/applications", nil)
		for name, value := range browser.cookies {
			r.AddCookie(&http.Cookie{Name: name, Value: value})
		}
		r.Header.Set("Accept-Encoding", "gzip")
		w := httptest.NewRecorder()
		g.site.ServeHTTP(w, r)
		if w.Code != 200 {
			b.Fatal(w.Code)
		}
	}
}
