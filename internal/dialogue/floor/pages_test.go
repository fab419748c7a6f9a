package floor

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/live"
	"rostrum.example/internal/store"
	"rostrum.example/internal/store/storetest"
)

func storetestSQLite(t testing.TB) *store.DB { return storetest.SQLite(t) }

func jsonText(v any) (string, error) {
	b, err := json.Marshal(v)
	return string(b), err
}

const at = "/en/floor/" + string(sampleID)

// link makes a participant's link and lets a new browser in by it.
func (g *rig) enter(who ParticipantID) *browser {
	g.t.Helper()
	var path string
	if err := g.db.Write(g.t.Context(), func(tx *store.Tx) (err error) { path, err = g.room.Link(tx, sampleID, who); return err }); err != nil {
		g.t.Fatal(err)
	}
	b := g.browser("")
	key := b.get("/en"+path).wants(200, "That is me: come in").hidden("key")
	b.post(at+"/in", "key", key).leadsTo(at + "/seat")
	return b
}

func TestPublicPages(t *testing.T) {
	g := newRig(t, storetestSQLite(t))
	g.browser("").get(at).wants(200, "The floor has not been opened yet", "Exercise. Organisations")
	g.begin()
	g.ask("coast", Statement)
	g.ask("legal", Statement)
	g.ask("lab", Statement)
	g.do(Command{What: Called, Request: g.look().Requests[0].N})
	g.pass(70 * time.Second)
	g.browser("").get(at).wants(200, "Sample Coast Network", "1:50", "time left of 3 min", "in the room · in French", "not heard yet under this item: Academia",
		"The Chair has not changed the order", "10:31 Vienna", `max="180" value="70"`)
	g.browser("").get("/fr/floor/"+string(sampleID)).wants(200, "temps restant sur 3 min", "pas encore entendu sur ce point : Milieux universitaires")
	g.browser("").get("/ar/floor/"+string(sampleID)).wants(200, `dir="rtl"`, "الأوساط الأكاديمية")
	g.browser("").get(at+"/screen").wants(200, "Sample Coast Network", `class="screen"`, "http://localhost:8053/en/floor/exercise-2026")
	g.browser("").get(at+"/rule").wants(200, "Points of order go before everything.", "at most 3 who asked later", "after 2 speakers in a row")
	g.browser("").get("/en/floor/nowhere").wants(404)
	g.browser("").get(at+"/seat").wants(403, "Open your personal link")
	g.browser("").get(at + "/desk").wants(403)
	g.browser("nobody").get(at + "/desk").wants(403)
	g.browser("foreign").get(at + "/links").wants(403)
}

// TestTimeOver holds that the clock runs on below zero, in words of the page's own.
func TestTimeOver(t *testing.T) {
	g := newRig(t, storetestSQLite(t))
	g.begin()
	g.do(Command{What: Called, Request: g.ask("coast", Statement)})
	g.pass(192 * time.Second)
	g.browser("").get(at).wants(200, "−0:12", `class="clock over"`)
}

func TestSeatByLink(t *testing.T) {
	eachRig(t, func(t *testing.T, g *rig) {
		g.begin()
		b := g.enter("circle")
		seat := b.get(at+"/seat").wants(200, "You are here as Sample Survivors’ Circle.", "Ask for the floor", `<option value="remote" selected>`)
		if cc := seat.Header().Get("Cache-Control"); cc != "no-store" {
			t.Errorf("the seat may be kept: %q", cc)
		}
		token := seat.hidden("token")
		for range 2 { // the thumb trembles
			b.post(at+"/ask", "token", token, "kind", "statement", "mode", "remote", "lang", "ar").leadsTo(at + "/seat?done=asked")
		}
		waits := b.get(at+"/seat?done=asked").wants(200, "You are on the list.", "Your place: 1", "Give up my turn", `class="me"`, `data-mine="1"`)
		b.get(at+"/write").wants(200, "Your text takes the place of your turn")
		b.post(at+"/write", "token", g.token(), "lang", "ar", "text", " ").wants(422, "Write something, or go back.")
		b.post(at+"/withdraw", "token", waits.hidden("token"), "n", "1").leadsTo(at + "/seat?done=withdrawn")
		b.post(at+"/ask", "token", g.token(), "kind", "reply", "mode", "remote", "lang", "ar").wants(403, "Only delegates of States")
		g.do(Command{What: ListClosed})
		b.post(at+"/ask", "token", g.token(), "kind", "statement", "mode", "remote", "lang", "ar").wants(409, "The list of speakers is closed", "You can send a text instead")
		b.post(at+"/write", "token", g.token(), "lang", "ar", "text", "نص").leadsTo(at + "/seat?done=written")

		// Another phone with the same link; leaving ends one seat alone.
		b.post(at + "/leave").leadsTo(at)
		b.get(at + "/seat").wants(403)
		other := g.enter("circle")
		other.get(at + "/seat").wants(200)
		if err := g.db.Write(t.Context(), func(tx *store.Tx) error { return g.room.Unlink(tx, sampleID, "circle") }); err != nil {
			t.Fatal(err)
		}
		other.get(at + "/seat").wants(403)
		other.post(at+"/ask", "token", g.token(), "kind", "statement", "mode", "remote").wants(403)
	})
}

func TestLinks(t *testing.T) {
	g := newRig(t, storetestSQLite(t))
	g.begin()
	var path string
	make := func() {
		t.Helper()
		if err := g.db.Write(t.Context(), func(tx *store.Tx) (err error) { path, err = g.room.Link(tx, sampleID, "lab"); return err }); err != nil {
			t.Fatal(err)
		}
	}
	make()
	first := path
	key, err := url.Parse(path)
	if err != nil {
		t.Fatal(err)
	}
	b := g.browser("")
	b.get("/en"+path).wants(200, "This link is the place of Sample University")
	make()
	b.get("/en"+first).wants(403, "This link does not work")
	b.post(at+"/in", "key", key.Query().Get("key")).wants(403)
	for _, bad := range []string{"", "x", strings.Repeat("A", 43)} {
		b.get(at + "/in?key=" + bad).wants(403)
	}
	// The link belongs to one dialogue.
	b.get(strings.Replace("/en"+path, string(sampleID), "nowhere", 1)).wants(404)
	g.pass(LinkFor + time.Second)
	b.get("/en" + path).wants(403)
	// No secret is kept.
	dump := &strings.Builder{}
	if err := g.db.Dump(t.Context(), dump); err != nil {
		t.Fatal(err)
	}
	u, _ := url.Parse(path)
	if strings.Contains(dump.String(), u.Query().Get("key")) {
		t.Error("the database holds the link's secret")
	}

	desk := g.browser("chair")
	made := desk.post(at+"/links", "participant", "witness", "do", "make").wants(200, "It is shown only now.")
	link := regexp.MustCompile(`http://localhost:8053/en(/floor/[^<]*)`).FindStringSubmatch(made.Body.String())
	if link == nil {
		t.Fatal("no link is shown")
	}
	g.browser("").get("/en"+strings.ReplaceAll(link[1], "&amp;", "&")).wants(200, "Secret Witness (at risk)", "The public sees: a participant.")
	desk.get(at+"/links").wants(200, "has a link since")
	desk.post(at+"/links", "participant", "witness", "do", "drop").leadsTo(at + "/links?done=dropped")
	g.browser("").get("/en" + link[1]).wants(403)
	desk.post(at+"/links", "participant", "ghost", "do", "make").wants(400)
	g.browser("nobody").post(at+"/links", "participant", "witness", "do", "make").wants(403)
}

// TestErase holds that what has run out goes, and nothing else.
func TestErase(t *testing.T) {
	eachRig(t, func(t *testing.T, g *rig) {
		g.begin()
		b := g.enter("lab")
		rows := func(table string) (n int) {
			t.Helper()
			if err := g.db.Read(t.Context(), func(tx *store.Tx) error {
				return tx.QueryRow("select count(id) from (select dialogue as id from "+table+" where org = $1) x", "sample").Scan(&n)
			}); err != nil {
				t.Fatal(err)
			}
			return n
		}
		erase := func() {
			t.Helper()
			if err := g.room.Erase(t.Context(), g.clock()); err != nil {
				t.Fatal(err)
			}
		}
		erase()
		if rows("floor_form") != 4 || rows("floor_link") != 1 || rows("floor_seat") != 1 {
			t.Error("what still counts is gone")
		}
		b.get(at + "/seat").wants(200)
		g.pass(LinkFor + time.Second)
		erase()
		if rows("floor_form")+rows("floor_link")+rows("floor_seat") != 0 {
			t.Error("what has run out stays")
		}
	})
}

// TestSeatByAccount holds that a participant with an account needs no link.
func TestSeatByAccount(t *testing.T) {
	g := newRig(t, storetestSQLite(t))
	g.begin()
	b := g.browser("coast")
	b.get(at+"/seat").wants(200, "You are here as Sample Coast Network.").without("Leave on this phone")
	b.post(at+"/ask", "token", g.token(), "kind", "statement", "mode", "room", "lang", "fr").leadsTo(at + "/seat?done=asked")
	b.get(at+"/seat").wants(200, "Your place: 1")
	g.do(Command{What: Called, Request: 1})
	b.get(at+"/seat").wants(200, `data-when="speaking"><p class="big">You have the floor.`)
	g.browser("nobody").get(at + "/seat").wants(403)
}

func TestDeskPage(t *testing.T) {
	eachRig(t, func(t *testing.T, g *rig) {
		b := g.browser("chair")
		send := func(page answer, pairs ...string) answer {
			return b.post(at+"/desk", append([]string{"token", page.hidden("token"), "desk", page.hidden("desk")}, pairs...)...)
		}
		send(b.get(at+"/desk").wants(200, "Open the floor"), "what", "opened").leadsTo(at + "/desk")
		send(b.get(at+"/desk"), "what", "took-up", "item", "panels").leadsTo(at + "/desk")
		send(b.get(at+"/desk").wants(200, "Sample Panellist"), "what", "called", "panellist", "1").leadsTo(at + "/desk")
		send(b.get(at+"/desk").wants(200, "End the turn"), "what", "list-opened").leadsTo(at + "/desk")
		send(b.get(at+"/desk"), "what", "asked", "participant", "witness", "kind", "statement", "mode", "room").leadsTo(at + "/desk")
		send(b.get(at+"/desk"), "what", "asked", "participant", "lab", "kind", "statement", "mode", "room").leadsTo(at + "/desk")
		page := b.get(at+"/desk").wants(200, "Secret Witness (at risk)", "public: A participant", "End and call next: Secret Witness")

		// An override without a reason: the form comes back with the field named.
		send(page, "what", "moved", "request", "2", "reason-2", "").wants(422, `href="#reason-2"`, "Give a reason: you depart from the order.", `id="reason-2-error"`)
		send(b.get(at+"/desk"), "what", "settings", "statement", "two", "panel", "600", "order", "60", "reply", "120", "run", "2", "pass", "3").
			wants(422, "Give a whole number from 15 to 3,600.", `value="two"`)

		// Two chairs: the second sees what the first did, and keeps what was typed.
		stale := b.get(at + "/desk")
		send(b.get(at+"/desk"), "what", "stopped").leadsTo(at + "/desk")
		send(stale, "what", "moved", "request", "2", "reason-2", "a train to catch").
			wants(409, "Somebody else acted in the meantime", "Sample Panellist ended", `value="a train to catch"`)
		send(b.get(at+"/desk"), "what", "moved", "request", "2", "reason-2", "a train to catch").leadsTo(at + "/desk")
		b.get(at).wants(200, "The Chair changed the order once", "“a train to catch”")
		send(b.get(at+"/desk"), "what", "called", "request", "2").leadsTo(at + "/desk")
		send(b.get(at+"/desk"), "what", "extended", "seconds", "60").leadsTo(at + "/desk")
		b.get(at+"/desk").wants(200, "4:00")
		send(b.get(at+"/desk"), "what", "closed").leadsTo(at + "/desk")
		send(b.get(at+"/desk"), "what", "closed").wants(422, "The floor is not open")
		b.post(at+"/desk", "token", g.token(), "desk", "x", "what", "opened").wants(400)
		b.post(at+"/desk", "token", g.token(), "desk", "1", "what", "called", "request", "x").wants(400)
	})
}

// TestWeight holds that a phone with one bar of signal gets the floor soon.
func TestWeight(t *testing.T) {
	g := newRig(t, storetestSQLite(t))
	g.begin()
	for i := range 40 {
		id := ParticipantID(fmt.Sprint("p", i))
		g.people = append(g.people, Participant{ID: id, Name: fmt.Sprintf("Sample Organisation with a long name, number %d", i), Naming: ByName, Label: string(id), Type: "ngo", Mode: InRoom, Langs: []string{"en"}})
		g.ask(id, Statement)
	}
	for _, path := range []string{at, at + "/screen", "/ar/floor/" + string(sampleID)} {
		r := httptest.NewRequest("GET", path, nil)
		r.Header.Set("Accept-Encoding", "gzip")
		n := g.browser("").send(r).wants(200).Body.Len()
		t.Logf("%s: %d bytes", path, n)
		if n > 6<<10 {
			t.Errorf("%s has %d bytes on the wire, at most 6 kB are wanted", path, n)
		}
	}
	var out strings.Builder
	z := gzip.NewWriter(&out)
	for _, name := range []string{"assets/floor.css", "assets/floor.js"} {
		body, err := files.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		z.Write(body)
	}
	z.Close()
	if out.Len() > 6<<10 {
		t.Errorf("style and script have %d bytes, at most 6 kB are wanted", out.Len())
	}
}

// TestLive holds that a listener hears of a change, in the words of their language, and that changes which another
// program made are found.
func TestLive(t *testing.T) {
	g := newRig(t, storetestSQLite(t))
	g.begin()
	server := httptest.NewServer(g.site)
	defer server.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, "GET", strings.Replace(server.URL, "127.0.0.1", "localhost", 1)+"/live/floor/"+string(sampleID)+"/fr", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	events := make(chan board)
	go func() {
		defer close(events)
		lines := bufio.NewScanner(resp.Body)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				var b board
				if json.Unmarshal([]byte(data), &b) == nil {
					events <- b
				}
			}
		}
	}()
	running, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- g.room.Run(running) }()
	hears := func(want string) board {
		t.Helper()
		for b := range events {
			if text, _ := jsonText(b); strings.Contains(isolates.Replace(text), want) {
				return b
			}
		}
		t.Fatalf("nobody heard of %q", want)
		return board{}
	}
	g.ask("lab", Statement)
	b := hears("Migration Lab")
	if len(b.Next) != 1 || !strings.Contains(b.Next[0].Why, "demande de 10:30") || b.Sent != g.clock().UnixMilli() || !b.Open {
		t.Errorf("the board says %+v", b)
	}
	g.do(Command{What: Called, Request: 1})
	if b = hears(`"runs":true`); b.Now == nil || b.Now.Allotted != 180 || len(b.Next) != 0 {
		t.Errorf("the board says %+v", b)
	}
	// Another program writes to the same database: it has a room of its own.
	other := *g.room
	other.dirty = make(chan dialogue.ID, 1)
	if err := other.Ask(t.Context(), sampleID, "legal", g.token(), Asking{Statement, InRoom, "en"}); err != nil {
		t.Fatal(err)
	}
	hears("Legal Aid")
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if got := g.hub.Last(topic(sampleID), live.View("en")); got != fmt.Sprint(g.look().Change) {
		t.Errorf("the newest event is %s, the newest change %d", got, g.look().Change)
	}
	resp.Body.Close()
	if resp, err := http.Get(strings.Replace(server.URL, "127.0.0.1", "localhost", 1) + "/live/floor/nowhere/fr"); err != nil || resp.StatusCode != 404 {
		t.Errorf("a floor that does not exist is listened to: %v", err)
	} else {
		io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
	}
	g.hub.Close()
}

// TestScriptAndBoardAgree holds that every part of a board that templates and script name exists.
func TestScriptAndBoardAgree(t *testing.T) {
	g := newRig(t, storetestSQLite(t))
	g.begin()
	g.do(Command{What: Called, Request: g.ask("coast", Statement)})
	g.ask("lab", Statement)
	g.do(Command{What: Moved, Request: g.ask("legal", Statement), Reason: "for the test"})
	g.do(Command{What: Stopped})
	g.do(Command{What: Called, Request: g.look().order("panels", g.clock())[0].Request.N})
	text, err := jsonText(g.room.speak("en", g.look().held).board(g.look(), g.clock()))
	if err != nil {
		t.Fatal(err)
	}
	var top map[string]any
	if err := json.Unmarshal([]byte(text), &top); err != nil {
		t.Fatal(err)
	}
	names := regexp.MustCompile(`data-(?:f|if|not|each)="([a-z.]+)"`)
	body := g.browser("coast").get(at + "/seat").wants(200).Body.String()
	seen := 0
	for _, m := range names.FindAllStringSubmatch(body, -1) {
		path := strings.Split(m[1], ".")
		part := top
		if len(path) == 2 {
			part, _ = top[path[0]].(map[string]any)
		}
		_, ok := part[path[len(path)-1]]
		for _, list := range []string{"next", "shares"} { // inside their rows
			if rows := top[list].([]any); !ok && len(rows) > 0 {
				_, ok = rows[0].(map[string]any)[m[1]]
			}
		}
		if !ok && m[1] != "it" && m[1] != "place" && m[1] != "who" && m[1] != "why" && m[1] != "wait" && m[1] != "time" {
			t.Errorf("the page shows %q, which a board has not", m[1])
		}
		seen++
	}
	if seen < 20 {
		t.Errorf("only %d names were looked at", seen)
	}
}
