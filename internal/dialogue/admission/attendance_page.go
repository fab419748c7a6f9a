package admission

import (
	"cmp"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/dialogue/cycle"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

type attendanceView struct {
	head
	Reports []reportLine
	File    page.Field
}

type reportLine struct {
	ID, Tool, File, Title string
	Taken                 page.When
	Applied               bool
}

func (room *Room) showAttendance(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	return room.renderAttendance(w, r, http.StatusOK, actor, nil)
}

func (room *Room) renderAttendance(w http.ResponseWriter, r *page.Request, status int, actor party.Actor, errs page.FormErrors) error {
	var v attendanceView
	err := room.atDesk(r, actor, func(tx *store.Tx, d *cycle.Dialogue) error {
		v = attendanceView{head: room.head(r, actor, d, "attendance")}
		v.Errors = errs
		v.File = page.Field{Name: "file", Error: errs.Of("file")}
		all, err := room.attendances(tx, d.ID)
		for _, a := range all {
			v.Reports = append(v.Reports, reportLine{a.ID, r.Text("admission.tool." + a.Tool), a.File, a.Title, r.When(a.Taken, d.Location()), !a.Applied.IsZero()})
		}
		return err
	})
	if err != nil {
		return err
	}
	return room.pages.attendance.RenderStatus(w, r, status, v)
}

func (room *Room) doTakeReport(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	name, data, _, err := upload(w, r, maxReport)
	d := dialogue.ID(r.PathValue("dialogue"))
	var id string
	if err == nil {
		id, err = room.TakeReport(r.Context(), actor, d, name, data)
	}
	if err != nil {
		errs, err := explain(r, err)
		if err != nil {
			return err
		}
		return room.renderAttendance(w, r, http.StatusUnprocessableEntity, actor, errs)
	}
	return r.Redirect(w, deskPath(d)+"/attendance/"+id)
}

type reportView struct {
	head
	ID, Tool, File, Name    string
	From, To                page.When
	Timed, Applied          bool
	Known, Proposed, Others []presentLine
	// Options are the participants as they can be chosen.
	Options []string
}

type presentLine struct {
	Place   int
	Name    string
	Email   string
	Minutes int
	Joins   int
	Who     string
	Error   string
}

func (room *Room) showReport(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	return room.renderReport(w, r, http.StatusOK, actor, nil, nil)
}

func (room *Room) renderReport(w http.ResponseWriter, r *page.Request, status int, actor party.Actor, typed url.Values, errs page.FormErrors) error {
	var v reportView
	err := room.atDesk(r, actor, func(tx *store.Tx, d *cycle.Dialogue) error {
		a, err := room.attendance(tx, r.PathValue("attendance"))
		if err != nil || a.Dialogue != d.ID {
			return page.NotFound()
		}
		people, err := room.presences(tx, a.ID)
		if err != nil {
			return err
		}
		all, err := room.Participants(tx, d.ID)
		if err != nil {
			return err
		}
		v = reportView{head: room.head(r, actor, d, "attendance"), ID: a.ID, Tool: r.Text("admission.tool." + a.Tool), File: a.File, Name: cmp.Or(a.Title, a.File), Applied: !a.Applied.IsZero()}
		v.Errors = errs
		if !a.Starts.IsZero() {
			v.Timed, v.From, v.To = true, r.When(a.Starts, d.Location()), r.When(a.Ends, d.Location())
		}
		called := map[ParticipantID]string{}
		for _, p := range all {
			if p.Here() {
				called[p.ID] = calledIn(r, p)
				v.Options = append(v.Options, called[p.ID])
			}
		}
		for _, p := range people {
			name := "who-" + strconv.Itoa(p.Place)
			l := presentLine{Place: p.Place, Name: p.Name, Email: p.Email, Minutes: minutes(lasting(p.Spans, p.Loose)), Joins: p.Joins, Who: called[p.Participant], Error: errs.Of(name)}
			if typed != nil {
				l.Who = typed.Get(name)
			}
			switch p.Basis {
			case byEmail, byOfficer:
				v.Known = append(v.Known, l)
			case byName:
				v.Proposed = append(v.Proposed, l)
			default:
				v.Others = append(v.Others, l)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return room.pages.report.RenderStatus(w, r, status, v)
}

func (room *Room) doApplyReport(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	form, err := page.ReadForm(w, r, 4<<20)
	if err != nil {
		return err
	}
	id, path := r.PathValue("attendance"), deskPath(dialogue.ID(r.PathValue("dialogue")))+"/attendance"
	if form.Get("act") == "drop" {
		if err := room.DropReport(r.Context(), actor, id); err != nil {
			return found(err)
		}
		return r.Redirect(w, path+"?done=dropped")
	}
	decided, err := room.readDecided(r, actor, form)
	if err == nil {
		err = room.ApplyReport(r.Context(), actor, id, decided)
	}
	if err != nil {
		errs, err := explain(r, err)
		if err != nil {
			return err
		}
		return room.renderReport(w, r, http.StatusUnprocessableEntity, actor, form, errs)
	}
	return r.Redirect(w, path+"/"+id+"?done=applied")
}

// calledIn is what a participant is called in a list to choose from: the end tells two of one name apart.
func calledIn(r *page.Request, p *Participant) string {
	return strings.TrimSuffix(cmp.Or(p.Name, r.Text("admission.participant.unnamed"))+" · "+p.Body, " · ") + " · " + string(p.ID[:min(6, len(p.ID))])
}

// readDecided reads who is who, as the officer chose.
func (room *Room) readDecided(r *page.Request, actor party.Actor, form url.Values) (map[int]ParticipantID, error) {
	byName := map[string]ParticipantID{}
	err := room.atDesk(r, actor, func(tx *store.Tx, d *cycle.Dialogue) error {
		all, err := room.Participants(tx, d.ID)
		for _, p := range all {
			if p.Here() {
				byName[calledIn(r, p)] = p.ID
			}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	decided, wrong := map[int]ParticipantID{}, page.Invalids{}
	for name := range form {
		place, ok := placeOf(name)
		text := strings.TrimSpace(form.Get(name))
		if !ok || text == "" {
			continue
		}
		id, known := byName[text]
		if !known {
			wrong = append(wrong, page.Invalid{Field: name, Key: "admission.report.who"})
			continue
		}
		decided[place] = id
	}
	if len(wrong) > 0 {
		return nil, wrong
	}
	return decided, nil
}

func placeOf(name string) (int, bool) {
	if len(name) < 5 || name[:4] != "who-" {
		return 0, false
	}
	n, err := strconv.Atoi(name[4:])
	return n, err == nil && n >= 0
}
