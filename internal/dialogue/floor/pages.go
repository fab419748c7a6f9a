package floor

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/live"
	"rostrum.example/internal/page"
	"rostrum.example/internal/store"
)

// pages are the pages of the floor.
type pages struct {
	floor  *page.Page[floorView]
	screen *page.Page[floorView]
	rule   *page.Page[ruleView]
	seat   *page.Page[seatView]
	write  *page.Page[writeView]
	in     *page.Page[inView]
	out    *page.Page[floorView]
	desk   *page.Page[deskView]
	links  *page.Page[linksView]
}

// Seat adds the room's pages and interfaces to the site.
func (room *Room) Seat(site *page.Site) error {
	if err := site.AddAssets(files); err != nil {
		return err
	}
	var err error
	p := &room.pages
	page.ParseInto(site, &p.floor, &err, files, "floor", "parts")
	page.ParseInto(site, &p.screen, &err, files, "screen", "parts")
	page.ParseInto(site, &p.rule, &err, files, "rule", "parts")
	page.ParseInto(site, &p.seat, &err, files, "seat", "parts")
	page.ParseInto(site, &p.write, &err, files, "write", "parts")
	page.ParseInto(site, &p.in, &err, files, "in", "parts")
	page.ParseInto(site, &p.out, &err, files, "out", "parts")
	page.ParseInto(site, &p.desk, &err, files, "desk", "parts")
	page.ParseInto(site, &p.links, &err, files, "links", "parts")
	if err != nil {
		return fmt.Errorf("seating the floor: %w", err)
	}
	site.Public("GET /floor/{dialogue}", room.show(p.floor, ""))
	site.Public("GET /floor/{dialogue}/screen", room.show(p.screen, "/screen"))
	site.Public("GET /floor/{dialogue}/rule", room.showRule)

	site.Page("GET /floor/{dialogue}/in", room.showIn)
	site.Page("POST /floor/{dialogue}/in", room.doIn)
	site.Page("POST /floor/{dialogue}/leave", room.doLeave)
	site.Page("GET /floor/{dialogue}/seat", room.showSeat)
	site.Page("POST /floor/{dialogue}/ask", room.doAsk)
	site.Page("POST /floor/{dialogue}/withdraw", room.doWithdraw)
	site.Page("GET /floor/{dialogue}/write", room.showWrite)
	site.Page("POST /floor/{dialogue}/write", room.doWrite)

	signedIn := room.o.Directory.SignedIn
	site.Page("GET /floor/{dialogue}/desk", signedIn(room.showDesk))
	site.Page("POST /floor/{dialogue}/desk", signedIn(room.doDesk))
	site.Page("GET /floor/{dialogue}/links", signedIn(room.showLinks))
	site.Page("POST /floor/{dialogue}/links", signedIn(room.doLinks))

	site.API("GET /api/v1/dialogues/{dialogue}/floor", room.api)
	site.Handle("GET /live/floor/{dialogue}/{lang}", http.HandlerFunc(room.listen))
	return nil
}

// floorView is what every page of a floor begins with.
type floorView struct {
	ID, Title, Base string
	Sample          bool
	Here            string // the page's address
	Refresh         bool   // it answers a GET, so it can be loaded again
	Typing          bool   // it has fields that must not be emptied by loading it again
	Last            string
	Board           *board
	Stamp, Clock    string // now, by the server's clock, in the dialogue's zone
	Address         string
	Token           string
	Desk            int

	mine []int
}

// Has tells whether a request is the reader's.
func (v floorView) Has(n int) bool { return slices.Contains(v.mine, n) }

// Mine are the reader's requests, for the script.
func (v floorView) Mine() string {
	var all []string
	for _, n := range v.mine {
		all = append(all, strconv.Itoa(n))
	}
	return strings.Join(all, ",")
}

func dialogueOf(r *page.Request) dialogue.ID { return dialogue.ID(r.PathValue("dialogue")) }

func base(id dialogue.ID) string { return "/floor/" + string(id) }

// look reads a floor for a page. The newest event is asked for first, so that nothing between it and the rows is
// missed. more reads what else the page needs, in the same transaction.
func (room *Room) look(r *page.Request, more func(tx *store.Tx, s *scene) error) (*scene, voice, floorView, error) {
	id := dialogueOf(r)
	last := room.o.Hub.Last(topic(id), live.View(r.Lang))
	var s *scene
	err := room.o.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		if s, _, err = room.readScene(tx, id, false); err == nil && more != nil {
			err = more(tx, s)
		}
		return err
	})
	if err != nil {
		return nil, voice{}, floorView{}, err
	}
	now := room.o.Clock()
	say := room.speak(r.Lang, s.held)
	v := floorView{
		ID: string(id), Title: say.of(s.held.Title, string(id)), Base: base(id), Here: base(id), Sample: s.held.Sample, Refresh: r.Method == http.MethodGet,
		Last: last, Board: say.board(s, now), Stamp: now.In(say.zone).Format(time.RFC3339), Clock: say.text("floor.clock", "Time", say.at(now), "Zone", city(say.zone)),
		Address: r.Base() + r.Link(base(id)), Desk: s.Desk,
	}
	if v.Token, err = store.NewID(room.o.Random); err != nil {
		return nil, say, v, err
	}
	return s, say, v, nil
}

// city names a zone by its place: "Vienna" of Europe/Vienna.
func city(zone *time.Location) string {
	name := zone.String()
	return strings.ReplaceAll(name[strings.LastIndexByte(name, '/')+1:], "_", " ")
}

// show serves a page that everybody sees alike.
func (room *Room) show(p *page.Page[floorView], path string) page.Handler {
	return func(w http.ResponseWriter, r *page.Request) error {
		_, _, v, err := room.look(r, nil)
		if err != nil {
			return err
		}
		v.Here += path
		return p.Render(w, r, v)
	}
}

type ruleView struct {
	floorView
	Pass, Run int
}

func (room *Room) showRule(w http.ResponseWriter, r *page.Request) error {
	s, _, v, err := room.look(r, nil)
	if err != nil {
		return err
	}
	settings := s.List(s.Item).Settings
	return room.pages.rule.Render(w, r, ruleView{v, settings.Pass, settings.Run})
}
