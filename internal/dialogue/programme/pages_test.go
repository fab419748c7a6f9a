package programme

import (
	"net/http/httptest"
	"strings"
	"testing"

	"rostrum.example/internal/store/storetest"
)

const at = "/en/programme/exercise-2026"

func TestPublicPage(t *testing.T) {
	g := newRig(t, storetest.SQLite(t))
	g.get("", at).wants(200, "No programme has been published yet.", "Exercise. The programme")
	g.start()
	p, _ := g.draft()
	_, it := p.item("panels")
	it.Panel = []Panellist{{Name: "Sample Panellist", Role: "Sample adviser", Named: true, Moderator: true}, {Name: "Hidden Panellist", Role: "a shelter’s director"}}
	g.save("", *it)
	_, s := p.sitting("morning")
	s.Room, s.Link = "Boardroom D", "https://meet.example.org/secret-room"
	g.save("", *s)
	g.save("", Programme{Languages: []string{"en", "ar"}, Rev: p.Rev})
	g.get("", at).wants(200, "No programme has been published yet.")
	g.publish()
	g.get("", at).wants(200, "24 November 2026", "Preparation Day", `<time datetime="2026-11-24T10:00:00&#43;01:00">`, "09:00–12:00", "Boardroom D",
		"Sample Panellist, Sample adviser (moderator)", "a shelter’s director", "Interpretation: English and Arabic", "being entered in the public record").
		without("Hidden", "secret-room", "All versions")
	g.entries()
	g.get("", at).wants(200, "Entry 0 of the public record")
	g.get("", "/fr/programme/exercise-2026").wants(200, "Tables rondes", "Certains titres sont traduits par une machine")
	g.get("", "/ar/programme/exercise-2026").wants(200, `dir="rtl"`, "حلقات نقاش")
	g.get("", at+"/join").wants(403, "The links are for those who take part")
	if cc := g.get("contact", at+"/join").wants(200, "https://meet.example.org/secret-room").Header().Get("Cache-Control"); cc != "no-store" {
		t.Errorf("the links may be kept: %q", cc)
	}
	g.must(g.room.Remove(t.Context(), officer, sampleID, editOf(g), "closing"))
	g.publish()
	g.get("", at).wants(200, "New in version 2", "Taken out: Closing", "All versions")
	g.get("", at+"/versions/1").wants(200, "This is version 1; there is a newer one.", "Closing")
	g.get("", at+"/versions/9").wants(404)
	g.get("", at+"/versions/x").wants(404)
	g.get("", "/en/programme/nowhere").wants(404)
	g.get("", "/api/v1/dialogues/exercise-2026/programme").wants(200, `"version": 2`, `"sample": true`, `"time_zone": "Europe/Vienna"`).without("Hidden", "secret-room")
	r := httptest.NewRequest("GET", at, nil)
	r.Header.Set("Accept-Encoding", "gzip")
	if n := g.send("", r).Body.Len(); n > 10<<10 {
		t.Errorf("the programme has %d bytes on the wire", n)
	}
}

func TestEditPages(t *testing.T) {
	eachRig(t, func(t *testing.T, g *rig) {
		g.get("", at+"/edit").wants(403)
		g.get("contact", at+"/edit").wants(403)
		g.post("officer", at+"/edit", "edit", "0", "do", "start").leadsTo(at + "/edit?done=saved")
		edit := g.get("officer", at+"/edit").wants(200, "This is the draft.", "Nothing has been published yet.")

		// Reorder without scripts; the same form again finds that it has moved on.
		pairs := []string{"edit", edit.hidden("edit"), "part", "panels", "do", "up"}
		g.post("coordinator", at+"/edit", pairs...).leadsTo(at + "/edit#panels")
		g.post("coordinator", at+"/edit", pairs...).wants(409, "The draft has changed since you saw it")

		// Two editors of one item: both texts are kept and shown.
		form := g.get("officer", at+"/edit/part?kind=item&part=opening").wants(200, `value="Opening"`, `id="panel-1-role"`)
		item := func(title, rev string) []string {
			return []string{"kind", "item", "part", "opening", "rev", rev, "title-en", title, "minutes", "15"}
		}
		g.post("coordinator", at+"/edit/part", item("Welcome", form.hidden("rev"))...).leadsTo(at + "/edit?done=saved#opening")
		both := g.post("officer", at+"/edit/part", item("Opening by the Chair", form.hidden("rev"))...).
			wants(409, "Somebody else changed this in the meantime", "<dd><bdi>Welcome</bdi></dd>", `value="Opening by the Chair"`)
		g.post("officer", at+"/edit/part", item("Welcome by the Chair", both.hidden("rev"))...).leadsTo(at + "/edit?done=saved#opening")

		g.post("officer", at+"/edit/part", "kind", "item", "part", "opening", "rev", "3", "title-en", "", "minutes", "many", "panel-0-name", "", "panel-0-role", "", "panel-0-named", "yes").
			wants(422, "Give the title in at least one language.", `value="many"`, `href="#minutes"`, "you say that they agreed")

		// A new sitting and item; the same form sent twice adds once.
		add := []string{"kind", "sitting", "part", "p-new", "under", "dialogue", "rev", "0", "start", "18:30", "end", "19:30", "room", "M1"}
		g.get("officer", at+"/edit/part?kind=sitting&part=p-new&under=dialogue").wants(200, "Add a sitting", "By the clock in Vienna")
		g.post("officer", at+"/edit/part", add...).leadsTo(at + "/edit?done=saved#p-new")
		g.post("officer", at+"/edit/part", add...).leadsTo(at + "/edit?done=saved#p-new")
		g.post("officer", at+"/edit/part", "kind", "sitting", "part", "p-other", "under", "dialogue", "rev", "0", "start", "18:00", "end", "19:00").wants(422, "There is a sitting from 18:30 to 19:30 already.")
		g.post("officer", at+"/edit/part", "kind", "day", "part", "p-day", "rev", "0", "date", "2026-12-01").wants(422, "outside the days of the dialogue", `value="2026-12-01"`)
		g.post("officer", at+"/edit/part", "kind", "languages", "rev", "0", "language", "en", "language", "fr", "language", "tlh").leadsTo(at + "/edit?done=saved#")
		g.get("officer", at+"/edit").wants(200, "Interpretation: English and French")
		g.get("officer", at+"/edit/part?kind=nothing&part=x").wants(404)
		g.post("officer", at+"/edit/part", "kind", "nothing", "rev", "0").wants(400)
		g.post("officer", at+"/edit", "edit", "x", "do", "publish").wants(400)
		g.post("officer", at+"/edit", "edit", "0", "do", "dance").wants(400)

		// More planned than there is time is said, and stops nobody.
		p, _ := g.draft()
		_, panels := p.item("panels")
		panels.Minutes = 200
		g.save("", *panels)
		edit = g.get("officer", at+"/edit").wants(200, "215 minutes are planned, but the sitting has 180.")
		g.post("officer", at+"/edit", "edit", edit.hidden("edit"), "do", "publish").leadsTo(at + "/edit?done=published")
		g.get("officer", at+"/edit").wants(200, "The draft says what version 1 says.")
		g.post("officer", at+"/edit", "edit", edit.hidden("edit"), "do", "publish").wants(409)
		if strings.Contains(g.get("", at).Body.String(), "Edit the programme") {
			t.Error("the public page offers what the public cannot do")
		}
	})
}
