package admission

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"net/url"
	"time"
	"fmt"

	"rostrum.example/internal/dialogue/application"
)

func TestShots(t *testing.T) {
	out := os.Getenv("SHOTS")
	if out == "" { t.Skip() }
	g := newSQLiteRig(t)
	ids := g.many(24)
	g.bring(ids[0], application.CompletenessCheck, application.WithBureau)
	g.take(member, ids[0], application.Objected, "objector", "AT", "made", "2026-11-20", "reply_by", "2026-12-10", "reason", "The organisation's statutes were not provided.\nA second line.", "told", "")
	_, v := g.stands(ids[0])
	g.room.ObjectAgain(t.Context(), officer, som, ids[0], Step{Version: v, Named: true, Told: true, Answers: map[string]string{"objector": "FR", "made": "2026-11-21", "reply_by": "2026-12-10", "reason": "Another ground."}})
	for _, id := range ids[1:8] { g.bring(id, application.CompletenessCheck, application.WithBureau, application.NoObjection, application.Admitted, application.Registered) }
	g.bring(ids[9], application.CompletenessCheck, application.Returned)
	g.bring(ids[10], application.CompletenessCheck, application.WithBureau)
	x := g.apply(sampleApplication{Name: "بيت النموذج للمهاجرين", Country: "LB", Without: "working_languages", Sealed: "x"})
	_ = x
	g.room.SetReview(t.Context(), officer, som, ids[0], ReviewData{Fit: "3", Reason: "Works on the sea route since 2015, with counts by month.", Complete: true})
	g.room.AddNote(t.Context(), officer, som, ids[0], "Call back on Monday about the statutes.")
	g.room.AddParticipant(t.Context(), officer, som, ParticipantData{Kind: "state", Body: "Austria", Country: "AT", Number: "6", Mode: "in_person", Listing: "public"})
	b := g.officer()
	for i, p := range g.participants() { if i < 4 { g.room.SetAttendance(t.Context(), officer, p.ID, p.Version, InRoom) } }
	b.upload("/desk/dialogues/som-2027/attendance", "teams.csv", utf16le(strings.ReplaceAll(teamsEnglish, "ada@example.org", "person002@example.org")), nil)
	rep := ""
	for _, l := range strings.Split(b.get("/desk/dialogues/som-2027/attendance").Body.String(), `href="`) { if strings.Contains(l, "/attendance/") { rep = strings.TrimPrefix(strings.Split(l, `"`)[0], "/en") } }
	b.post("/desk/dialogues/som-2027/counts", url.Values{"what": {orgsAttended}, "of": {"ngo"}, "number": {"40"}, "source": {"Sample press release"}, "url": {"https://example.org/press"}, "published": {"2026-11-20"}})
	b.post("/desk/dialogues/som-2027/counts", url.Values{"what": {orgsAttended}, "of": {"ngo"}, "number": {"65"}, "source": {"Sample newsletter"}, "url": {"https://example.org/press"}, "definition": {"Stakeholders of all kinds."}})
	var part string
	for _, p := range g.participants() { if p.Name != "" { part = string(p.ID); break } }
	g.ledger.Integrate(t.Context()); g.ledger.Publish(t.Context())
	srv := httptest.NewServer(g.site.Guard(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for n, v := range b.cookies { r.AddCookie(&http.Cookie{Name: n, Value: v}) }
		g.site.ServeHTTP(w, r)
	})))
	defer srv.Close()
	pages := map[string]string{
		"table": "/desk/dialogues/som-2027/applications", "application": "/desk/dialogues/som-2027/applications/" + string(ids[0]), "application2": "/desk/dialogues/som-2027/applications/" + string(x),
		"step": "/desk/dialogues/som-2027/applications/" + string(ids[10]) + "/step/objected", "participants": "/desk/dialogues/som-2027/participants", "participant": "/desk/dialogues/som-2027/participants/"+part,
		"attendance": "/desk/dialogues/som-2027/attendance", "report": rep, "counts": "/desk/dialogues/som-2027/counts", "papers": "/desk/dialogues/som-2027/papers", "acceptance": "/desk/dialogues/som-2027/papers/acceptance",
		"templates": "/desk/letters", "list": "/desk/dialogues/som-2027/lists/participants", "public": "/dialogues/som-2027/counts", "objections": "/dialogues/som-2027/objections", "certificate": "/certificates/SOM-2027-AAAAA-AAAAA",
	}
	only := os.Getenv("ONLY")
	for name, path := range pages {
		if only != "" && !strings.Contains(","+only+",", ","+name+",") { continue }
		for _, lang := range []string{"en", "ar"} {
			for _, size := range []string{"1280,1400", "390,1400"} {
				w := strings.Split(size, ",")[0]
				dest := fmt.Sprintf("%s/%s-%s-%s.png", out, name, lang, w)
				cmd := exec.Command("timeout", "25", "chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--force-device-scale-factor=1", "--virtual-time-budget=2000", "--window-size="+size, "--screenshot="+dest, strings.Replace(srv.URL, "127.0.0.1", "localhost", 1)+"/"+lang+path)
				if o, err := cmd.CombinedOutput(); err != nil { t.Log(name, err, string(o[max(0,len(o)-200):])) }
			}
		}
	}
	_ = time.Now
}
