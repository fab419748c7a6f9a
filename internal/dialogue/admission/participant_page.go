package admission

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"rostrum.example/format/spreadsheet"
	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/dialogue/application"
	"rostrum.example/internal/dialogue/cycle"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

type participantsView struct {
	head
	Here, Came int
	Rows       []participantLine
	Form       []page.Field
	Attended   page.Field
	Open       bool
	Lists      []tab
	// Import is what was wrong with a file, line by line.
	Import []string
}

type participantLine struct {
	ID                         ParticipantID
	Name, Body, Function, Mode string
	Kind, Attended             string
	Number                     int
	Gone                       string // why the registration no longer stands
	Pick                       string // empty for one that cannot be noted
	Ticked                     bool
	Certificate                string
}

func (room *Room) showParticipants(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	return room.renderParticipants(w, r, http.StatusOK, actor, nil, nil, nil, nil)
}

func (room *Room) renderParticipants(w http.ResponseWriter, r *page.Request, status int, actor party.Actor, typed, ticked url.Values, errs page.FormErrors, wrong []string) error {
	var v participantsView
	err := room.atDesk(r, actor, func(tx *store.Tx, d *cycle.Dialogue) error {
		v = participantsView{head: room.head(r, actor, d, "participants"), Open: typed != nil, Import: wrong}
		v.Errors = errs
		all, err := room.Participants(tx, d.ID)
		if err != nil {
			return err
		}
		for _, p := range all {
			l := participantLine{ID: p.ID, Name: p.Name, Body: p.Body, Function: p.Function, Mode: r.Text("admission.mode." + string(p.Mode)), Kind: r.Text("admission.kind." + string(p.Kind)),
				Attended: room.attendedText(r, p), Number: p.Number, Certificate: p.Certificate}
			switch {
			case !p.Erased.IsZero():
				l.Name = r.Text("admission.erased")
			case p.Name == "":
				l.Name = r.Text("admission.participant.unnamed")
			}
			if !p.Here() {
				l.Gone = r.Text("admission.standing." + string(p.State))
			} else {
				v.Here += p.Number
				l.Pick = string(p.ID) + "." + strconv.Itoa(p.Version)
				l.Ticked = slices.Contains(ticked["pick"], l.Pick)
				if p.Attended != "" {
					v.Came += p.Number
				}
			}
			v.Rows = append(v.Rows, l)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if typed == nil {
		typed = url.Values{"kind": {string(Government)}, "mode": {string(InRoom)}, "listing": {string(application.Participants)}, "number": {"1"}}
	}
	v.Form = room.participantFields(r, typed, errs, false)
	v.Attended = page.Field{Name: "attended", Label: r.Text("admission.participants.ticked"), Error: errs.Of("attended"), Choices: append(choices(r, "admission.attended.", ticked.Get("attended"), string(InRoom), string(Remote), string(Both)),
		page.Choice{Value: "none", Text: r.Text("admission.attended.none")})}
	for _, name := range []string{"participants", "speakers", "travel"} {
		v.Lists = append(v.Lists, tab{v.Path + "/lists/" + name, r.Text("admission.list." + name), false})
	}
	return room.pages.participants.RenderStatus(w, r, status, v)
}

// attendedText says where somebody took part, and how long.
func (room *Room) attendedText(r *page.Request, p *Participant) string {
	if p.Attended == "" {
		return ""
	}
	says := r.Text("admission.attended." + string(p.Attended))
	if n := p.Room + p.Remote; n > 0 {
		says = room.joined(r.Lang, says, room.o.Catalogues.Count(r.Lang, "admission.minutes", n))
	}
	return says
}

// participantFields are the fields of the form for a participant; replace leaves out what the person takes over.
func (room *Room) participantFields(r *page.Request, typed url.Values, errs page.FormErrors, replace bool) []page.Field {
	field := func(name string, optional bool) page.Field {
		return page.Field{Name: name, Label: r.Text("admission.participant." + name), Type: "text", Value: typed.Get(name), Error: errs.Of(name), Optional: optional, Max: maxName, Autocomplete: "off"}
	}
	var all []page.Field
	if !replace {
		kind := field("kind", false)
		kind.Choices = choices(r, "admission.kind.", typed.Get("kind"), "stakeholder", "state", "igo", "observer")
		body, country := field("body", false), field("country", true)
		body.Hint = r.Text("admission.participant.body.hint")
		country.Hint, country.LTR, country.Max = r.Text("admission.country.hint"), true, 2
		kindOf := field("type", true)
		kindOf.Choices = []page.Choice{{Value: "", Text: r.Text("admission.participant.type.none"), Chosen: typed.Get("type") == ""}}
		for _, t := range room.o.Mechanism.StakeholderTypes {
			kindOf.Choices = append(kindOf.Choices, page.Choice{Value: t.ID, Text: in(t.Name, r.Lang), Chosen: t.ID == typed.Get("type")})
		}
		all = append(all, kind, body, country, kindOf)
	}
	name, number := field("name", !replace), field("number", true)
	email := field("email", true)
	email.Type, email.Inputmode, email.LTR = "email", "email", true
	number.Hint, number.Inputmode, number.LTR, number.Max = r.Text("admission.participant.number.hint"), "numeric", true, 3
	mode := field("mode", false)
	mode.Choices = choices(r, "admission.mode.", typed.Get("mode"), string(InRoom), string(Remote), string(Anywhere))
	all = append(all, name, field("function", true), email, mode)
	if !replace {
		listing := field("listing", false)
		listing.Choices = choices(r, "admission.listing.", typed.Get("listing"), string(application.Public), string(application.Participants), string(application.Secretariat))
		all = append(all, number, listing)
	}
	return all
}

func participantData(form url.Values) ParticipantData {
	return ParticipantData{Kind: form.Get("kind"), Type: form.Get("type"), Body: form.Get("body"), Country: form.Get("country"), Name: form.Get("name"), Function: form.Get("function"),
		Email: form.Get("email"), Mode: form.Get("mode"), Listing: form.Get("listing"), Number: form.Get("number")}
}

func (room *Room) doAddParticipant(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	form, err := page.ReadForm(w, r, maxForm)
	if err != nil {
		return err
	}
	d := dialogue.ID(r.PathValue("dialogue"))
	if _, err := room.AddParticipant(r.Context(), actor, d, participantData(form)); err != nil {
		errs, err := explain(r, err)
		if err != nil {
			return err
		}
		return room.renderParticipants(w, r, http.StatusUnprocessableEntity, actor, form, nil, errs, nil)
	}
	return r.Redirect(w, deskPath(d)+"/participants?done=added")
}

func (room *Room) doAttended(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	form, err := page.ReadForm(w, r, maxForm)
	if err != nil {
		return err
	}
	d := dialogue.ID(r.PathValue("dialogue"))
	picks := map[ParticipantID]int{}
	for _, p := range readPicks(form["pick"]) {
		picks[ParticipantID(p.Application)] = p.Version
	}
	where := Place(form.Get("attended"))
	if where == "none" {
		where = ""
	}
	if len(picks) == 0 {
		err = invalid("pick", "admission.participants.nobody")
	} else {
		_, err = room.SetAttendanceOf(r.Context(), actor, d, picks, where)
	}
	if err != nil {
		errs, err := explain(r, err)
		if err != nil {
			return err
		}
		return room.renderParticipants(w, r, http.StatusUnprocessableEntity, actor, nil, form, errs, nil)
	}
	return r.Redirect(w, deskPath(d)+"/participants?done=attendance")
}

// upload reads the file of a form; without one the form's field "file" is wrong.
func upload(w http.ResponseWriter, r *page.Request, limit int64) (name string, data []byte, form url.Values, err error) {
	r.Body = http.MaxBytesReader(w, r.Body, limit+maxForm)
	if err := r.ParseMultipartForm(limit + maxForm); err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return "", nil, url.Values{}, invalid("file", "admission.file.file_too_large", "Limit", limit>>20, "Value", "")
		}
		return "", nil, nil, page.Unreadable(err)
	}
	form = url.Values(r.MultipartForm.Value)
	f, h, err := r.FormFile("file")
	if err != nil || h.Size == 0 {
		return "", nil, form, invalid("file", "admission.file.missing")
	}
	defer f.Close()
	if h.Size > limit {
		return "", nil, form, invalid("file", "admission.file.file_too_large", "Limit", limit>>20, "Value", "")
	}
	data = make([]byte, h.Size)
	for n := 0; n < len(data); {
		m, err := f.Read(data[n:])
		if n += m; err != nil && n < len(data) {
			return "", nil, form, page.Unreadable(err)
		}
	}
	return h.Filename, data, form, nil
}

// importColumns are the columns of a table of participants, with names that they may have.
func importColumns() []spreadsheet.Field {
	return []spreadsheet.Field{
		{ID: "kind", Names: []string{"kind", "catégorie", "الفئة"}},
		{ID: "body", Names: []string{"organisation", "state", "body", "delegation", "État", "délégation", "المنظمة", "الدولة", "organization"}},
		{ID: "country", Names: []string{"country", "country code", "ISO", "pays", "البلد"}},
		{ID: "name", Names: []string{"name", "full name", "nom", "participant", "الاسم"}},
		{ID: "function", Names: []string{"function", "title", "position", "fonction", "الوظيفة"}},
		{ID: "email", Names: []string{"email", "e-mail", "courriel", "البريد الإلكتروني"}},
		{ID: "mode", Names: []string{"mode", "participation"}},
		{ID: "number", Names: []string{"number", "size", "nombre", "العدد"}},
	}
}

func (room *Room) doImportParticipants(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	name, data, _, err := upload(w, r, maxReport)
	var all []ParticipantData
	var wrong []string
	if err == nil {
		all, wrong, err = room.readImport(r, name, data)
	}
	d := dialogue.ID(r.PathValue("dialogue"))
	if err == nil && len(wrong) == 0 {
		err = room.ImportParticipants(r.Context(), actor, d, all)
	}
	if err != nil || len(wrong) > 0 {
		var errs page.FormErrors
		if err != nil {
			if errs, err = explain(r, err); err != nil {
				return err
			}
		} else {
			errs = page.FormErrors{{Href: "#file", Field: "file", Text: room.o.Catalogues.Count(r.Lang, "admission.import.wrong", len(wrong))}}
		}
		return room.renderParticipants(w, r, http.StatusUnprocessableEntity, actor, nil, nil, errs, wrong)
	}
	return r.Redirect(w, deskPath(d)+"/participants?done=imported")
}

// readImport reads a table of participants; wrong names each row that needs another look.
func (room *Room) readImport(r *page.Request, name string, data []byte) (all []ParticipantData, wrong []string, err error) {
	rows, err := fileRows(name, data)
	if err != nil {
		return nil, nil, err
	}
	if len(rows) < 2 {
		return nil, nil, invalid("file", "admission.import.empty")
	}
	var columns []spreadsheet.Column
	for _, c := range rows[0] {
		columns = append(columns, spreadsheet.Column{Name: c})
	}
	at, _ := spreadsheet.Propose(columns, importColumns()).Index(columns)
	if _, ok := at["body"]; !ok {
		return nil, nil, invalid("file", "admission.import.columns")
	}
	for n, cells := range rows[1:] {
		get := func(field string) string {
			if i, ok := at[field]; ok {
				return strings.TrimSpace(cell(cells, i))
			}
			return ""
		}
		one := ParticipantData{Body: get("body"), Country: get("country"), Name: get("name"), Function: get("function"), Email: get("email"), Number: get("number"),
			Kind: room.wordToID(r, "admission.kind.", get("kind"), string(Government), "stakeholder", "state", "igo", "observer"),
			Mode: room.wordToID(r, "admission.mode.", get("mode"), string(InRoom), string(InRoom), string(Remote), string(Anywhere)), Listing: string(application.Participants)}
		var bad page.Invalids
		if err := room.readParticipant(&Participant{}, one); errors.As(err, &bad) {
			for _, b := range bad {
				wrong = append(wrong, r.Text("admission.import.row", "Row", n+2, "Says", r.Text(b.Key, b.Pairs...)))
			}
		}
		all = append(all, one)
	}
	return all, wrong, nil
}

// wordToID reads a word of the catalogue, or an id itself; a word that is neither stays and is refused.
func (room *Room) wordToID(r *page.Request, prefix, word, otherwise string, ids ...string) string {
	if word == "" {
		return otherwise
	}
	for _, id := range ids {
		if strings.EqualFold(word, id) || foldName(word) == foldName(r.Text(prefix+id)) {
			return id
		}
	}
	return word
}

type participantView struct {
	head
	ID                       ParticipantID
	Name, Body               string
	Here, Erased             bool
	Standing                 string
	Attended                 string
	Source                   string
	Certificate              string
	Version                  int
	Form, Replace            []page.Field
	AttendedField            page.Field
	Follows, Application     string
	OpenCorrect, OpenReplace bool
}

func (room *Room) showParticipant(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	return room.renderParticipant(w, r, http.StatusOK, actor, "", nil, nil)
}

func (room *Room) renderParticipant(w http.ResponseWriter, r *page.Request, status int, actor party.Actor, act string, typed url.Values, errs page.FormErrors) error {
	var v participantView
	err := room.atDesk(r, actor, func(tx *store.Tx, d *cycle.Dialogue) error {
		p, err := room.Participant(tx, ParticipantID(r.PathValue("participant")))
		if err != nil || p.Dialogue != d.ID {
			return page.NotFound()
		}
		v = participantView{head: room.head(r, actor, d, "participants"), ID: p.ID, Name: cmp.Or(p.Name, r.Text("admission.participant.unnamed")), Body: p.Body, Here: p.Here(),
			Erased: !p.Erased.IsZero(), Standing: r.Text("admission.standing." + string(p.State)), Attended: room.attendedText(r, p), Certificate: p.Certificate,
			Version: p.Version, Application: string(p.Application), Follows: string(p.Follows), OpenCorrect: act == "correct", OpenReplace: act == "replace"}
		v.Errors = errs
		if p.Source != "" {
			v.Source = r.Text("admission.source." + p.Source)
		}
		kept := url.Values{"kind": {string(p.Kind)}, "type": {p.Type}, "body": {p.Body}, "country": {p.Country}, "name": {p.Name}, "function": {p.Function}, "email": {string(p.Email)},
			"mode": {string(p.Mode)}, "listing": {string(p.Listing)}, "number": {strconv.Itoa(p.Number)}}
		other := url.Values{"mode": {string(p.Mode)}}
		switch act {
		case "correct":
			kept = typed
		case "replace":
			other = typed
		}
		v.Form, v.Replace = room.participantFields(r, kept, onlyIf(act == "correct", errs), false), room.participantFields(r, other, onlyIf(act == "replace", errs), true)
		for i := range v.Replace { // two forms on a page: their fields have names of their own
			v.Replace[i].Name = "new-" + v.Replace[i].Name
		}
		v.AttendedField = page.Field{Name: "attended", Label: r.Text("admission.participant.attended"), Choices: append(
			[]page.Choice{{Value: "", Text: r.Text("admission.attended.none"), Chosen: p.Attended == ""}}, choices(r, "admission.attended.", string(p.Attended), string(InRoom), string(Remote), string(Both))...)}
		return nil
	})
	if err != nil {
		return err
	}
	return room.pages.participant.RenderStatus(w, r, status, v)
}

func onlyIf(yes bool, errs page.FormErrors) page.FormErrors {
	if yes {
		return errs
	}
	return nil
}

func (room *Room) doParticipant(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	form, err := page.ReadForm(w, r, maxForm)
	if err != nil {
		return err
	}
	id, act := ParticipantID(r.PathValue("participant")), form.Get("act")
	version, _ := strconv.Atoi(form.Get("version"))
	path := deskPath(dialogue.ID(r.PathValue("dialogue"))) + "/participants/"
	to, typed := id, form
	switch act {
	case "correct":
		err = room.CorrectParticipant(r.Context(), actor, id, version, participantData(form))
	case "replace":
		typed = url.Values{}
		for name, values := range form {
			if plain, ok := strings.CutPrefix(name, "new-"); ok {
				typed[plain] = values
			}
		}
		to, err = room.ReplaceParticipant(r.Context(), actor, id, version, participantData(typed))
	case "cancel":
		err = room.CancelParticipant(r.Context(), actor, id, version)
	case "attend":
		err = room.SetAttendance(r.Context(), actor, id, version, Place(form.Get("attended")))
	default:
		return page.Unreadable(nil)
	}
	if err != nil {
		errs, err := explain(r, err)
		if err != nil {
			return err
		}
		if act == "replace" {
			for i := range errs {
				if errs[i].Href == "#"+errs[i].Field && errs[i].Field != "" {
					errs[i].Href = "#new-" + errs[i].Field
				}
			}
		}
		return room.renderParticipant(w, r, http.StatusUnprocessableEntity, actor, act, typed, errs)
	}
	done := map[string]string{"correct": "corrected", "replace": "replaced", "cancel": "cancelled", "attend": "attendance"}[act]
	return r.Redirect(w, path+string(to)+"?done="+done)
}
