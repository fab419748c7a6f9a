package programme

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/ledger"
	"rostrum.example/internal/page"
	"rostrum.example/internal/store"
)

// programmeView is a programme as it is read.
type programmeView struct {
	ID, Title, Base  string
	Sample           bool
	Number           int // of the version; 0 where none was published
	Newest           bool
	Published, Entry string
	EntryPath        string
	Pending          bool
	Zone             string
	Languages        string
	Machine          bool
	Days             []dayView
	Changes          []string
	Versions         []versionView
	Join             bool // links to join are shown
	Floor            string
}

type dayView struct {
	ID, Title   string
	Preparation bool
	Sittings    []sittingView
}

type sittingView struct {
	ID, Title                        string
	Start, End, UTC                  string // HH:MM; UTC names the day where it is another
	StartStamp, EndStamp, Room, Link string
	Calendar                         string
	Items                            []itemView
}

type itemView struct {
	ID, Title, Minutes string
	Panel, Standing    []string
}

type versionView struct {
	Number    int
	Path      string
	Published string
	Says      string
	Current   bool
}

func dialogueOf(r *page.Request) dialogue.ID { return dialogue.ID(r.PathValue("dialogue")) }

func base(id dialogue.ID) string { return "/programme/" + string(id) }

// look reads a version for a page. more runs in the same transaction.
func (room *Room) look(r *page.Request, number int, more func(*store.Tx, Held) error) (h Held, v *Version, all []versionLine, err error) {
	id := dialogueOf(r)
	err = room.o.DB.Read(r.Context(), func(tx *store.Tx) error {
		if h, err = room.o.Dialogue(tx, id); err != nil {
			return err
		}
		if v, err = room.version(tx, id, number); err != nil {
			return err
		}
		if all, err = room.versions(tx, id); err != nil || more == nil {
			return err
		}
		return more(tx, h)
	})
	return h, v, all, err
}

func (room *Room) show(w http.ResponseWriter, r *page.Request) error {
	return room.render(w, r, newest, false)
}

func (room *Room) showVersion(w http.ResponseWriter, r *page.Request) error {
	number, err := strconv.Atoi(r.PathValue("number"))
	if err != nil || number < 1 {
		return page.NotFound()
	}
	return room.render(w, r, number, false)
}

// showJoin shows the programme with the links to join, to those who take part.
func (room *Room) showJoin(w http.ResponseWriter, r *page.Request) error {
	w.Header().Set("Cache-Control", "no-store")
	return room.render(noStore{w}, r, newest, true)
}

func (room *Room) render(w http.ResponseWriter, r *page.Request, number int, join bool) error {
	h, v, all, err := room.look(r, number, func(tx *store.Tx, h Held) error {
		if !join {
			return nil
		}
		if room.o.Participates != nil {
			if in, err := room.o.Participates(tx, r, h.ID); in || err != nil {
				return err
			}
		}
		return &page.Problem{Status: http.StatusForbidden, Key: "programme.problem.join"}
	})
	if err != nil {
		return err
	}
	if v == nil && number != newest {
		return page.NotFound()
	}
	say := room.speak(r.Lang, h)
	view := programmeView{ID: string(h.ID), Title: say.of(h.Title, string(h.ID)), Base: base(h.ID), Sample: h.Sample, Zone: city(h.Zone), Join: join, Floor: "/floor/" + string(h.ID)}
	if v == nil {
		return room.pages.programme.Render(w, r, view)
	}
	view.fill(say, v, join)
	view.Newest = len(all) > 0 && all[0].Number == v.Number
	for _, line := range all {
		view.Versions = append(view.Versions, versionView{
			line.Number, fmt.Sprintf("%s/versions/%d", base(h.ID), line.Number), r.Instant(line.Published.In(h.Zone)),
			say.count("programme.changes", line.Changes), line.Number == v.Number,
		})
	}
	places, err := room.o.Ledger.Indexes(r.Context(), []ledger.ID{v.Entry})
	if err != nil {
		return err
	}
	if at, ok := places[v.Entry]; ok {
		view.EntryPath, view.Entry = fmt.Sprintf("/record/%d", at), strconv.FormatInt(at, 10)
	}
	view.Pending = view.EntryPath == ""
	view.Published = r.Instant(v.Published.In(h.Zone))
	return room.pages.programme.Render(w, r, view)
}

// fill puts a version into words.
func (view *programmeView) fill(say voice, v *Version, join bool) {
	view.Number = v.Number
	if len(v.Programme.Languages) > 1 {
		view.Languages = say.text("programme.interpreted", "Langs", say.languages(v.Programme.Languages))
	} else if len(v.Programme.Languages) == 1 {
		view.Languages = say.text("programme.onelanguage", "Lang", say.languages(v.Programme.Languages))
	}
	for _, c := range v.Changes {
		view.Changes = append(view.Changes, say.change(c))
	}
	for i := range v.Programme.Days {
		d := &v.Programme.Days[i]
		day := dayView{ID: string(d.ID), Title: say.date(d.Date), Preparation: d.Preparation}
		for j := range d.Sittings {
			s := &d.Sittings[j]
			sv := sittingView{ID: string(s.ID), Title: say.part(s), Start: s.Start, End: s.End, Room: s.Room, Calendar: view.Base + "/sittings/" + string(s.ID) + ".ics"}
			if join {
				sv.Link = s.Link
			}
			if start, end, err := s.times(d.Date, say.zone); err == nil {
				sv.StartStamp, sv.EndStamp = start.Format(time.RFC3339), end.Format(time.RFC3339)
				sv.UTC = start.UTC().Format("15:04") + "–" + end.UTC().Format("15:04")
				if day := start.UTC().Format(time.DateOnly); day != d.Date {
					sv.UTC += " (" + say.date(day) + ")"
				}
			}
			for _, it := range s.Items {
				iv := itemView{ID: string(it.ID), Title: say.of(it.Title, string(it.ID))}
				view.Machine = view.Machine || say.machine(it.Title)
				if it.Minutes > 0 {
					iv.Minutes = say.text("programme.minutes", "M", it.Minutes)
				}
				for _, p := range it.Panel {
					iv.Panel = append(iv.Panel, say.panellist(p))
				}
				for _, w := range it.Standing {
					iv.Standing = append(iv.Standing, say.of(w, ""))
				}
				sv.Items = append(sv.Items, iv)
			}
			day.Sittings = append(day.Sittings, sv)
		}
		view.Days = append(view.Days, day)
	}
}

// showCalendar serves the whole programme as a calendar.
func (room *Room) showCalendar(w http.ResponseWriter, r *page.Request) error {
	return room.serveCalendar(w, r, "")
}

// showSitting serves one sitting as a calendar.
func (room *Room) showSitting(w http.ResponseWriter, r *page.Request) error {
	id, ok := strings.CutSuffix(r.PathValue("file"), ".ics")
	if !ok || id == "" {
		return page.NotFound()
	}
	return room.serveCalendar(w, r, ID(id))
}

func (room *Room) serveCalendar(w http.ResponseWriter, r *page.Request, only ID) error {
	h, v, _, err := room.look(r, newest, nil)
	if err != nil {
		return err
	}
	if v == nil {
		return page.NotFound()
	}
	say := room.speak(r.Lang, h)
	c := calendar{
		Name: say.of(h.Title, string(h.ID)), Stamp: v.Published, Zone: h.Zone,
		Events: room.events(v, h, r.Lang, r.Base()+r.Link(base(h.ID)), only),
	}
	if only != "" && len(c.Events) == 0 {
		return page.NotFound()
	}
	name := string(h.ID)
	if only != "" {
		name += "-" + string(only)
	}
	w.Header().Set("Content-Type", "text/calendar; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`.ics"`)
	w.Header().Set("Cache-Control", "no-cache")
	w.Write(c.write()) // a reader who has left need not be told
	return nil
}

// noStore keeps an answer out of the browser's cache: others may use the same phone.
type noStore struct{ http.ResponseWriter }

func (w noStore) WriteHeader(status int) {
	w.Header().Set("Cache-Control", "no-store")
	w.ResponseWriter.WriteHeader(status)
}

// api gives the newest version to programs.
func (room *Room) api(w http.ResponseWriter, r *page.Request) error {
	h, v, all, err := room.look(r, newest, nil)
	if err != nil {
		return err
	}
	type line struct {
		Version   int    `json:"version"`
		Published string `json:"published"`
		Entry     string `json:"entry"`
	}
	out := struct {
		Dialogue  dialogue.ID `json:"dialogue"`
		Sample    bool        `json:"sample"`
		Zone      string      `json:"time_zone"`
		Version   int         `json:"version"` // 0 where none was published
		Published string      `json:"published,omitempty"`
		Entry     string      `json:"entry,omitempty"`
		Changes   []Change    `json:"changes"`
		Programme
		Versions []line `json:"versions"`
	}{Dialogue: h.ID, Sample: h.Sample, Zone: h.Zone.String(), Changes: []Change{}, Programme: Programme{Days: []Day{}}, Versions: []line{}}
	for _, l := range all {
		out.Versions = append(out.Versions, line{l.Number, l.Published.UTC().Format(time.RFC3339), string(l.Entry)})
	}
	if v != nil {
		out.Version, out.Published, out.Entry = v.Number, v.Published.UTC().Format(time.RFC3339), string(v.Entry)
		out.Changes, out.Programme = v.Changes, v.Programme.public()
	}
	return page.JSON(w, http.StatusOK, out)
}
