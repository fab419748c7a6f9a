package intervention

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/ledger"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

// queueView is the desk's list of inputs: what waits for whom.
type queueView struct {
	head
	Done   string
	States []stateGroup
}

type stateGroup struct {
	Name, Waits string
	Lines       []deskLine
}

type deskLine struct {
	Path, Who, Begins, Source string
	Asked                     string
	Alike, Mentions           bool
}

func (room *Room) showQueue(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	w = private(w)
	v := queueView{Done: page.Done(r, []string{"taken", "gone"}, "intervention.done.")}
	err := room.o.DB.Read(r.Context(), func(tx *store.Tx) error {
		v.States = nil
		held, err := room.desk(tx, actor, dialogueOf(r))
		if err != nil {
			return err
		}
		v.head = room.head(r, held)
		all, err := room.list(tx, inputsOf, string(room.o.Org), string(held.ID))
		if err != nil {
			return err
		}
		texts := map[ID][]Text{}
		err = room.eachText(tx, func(id ID, t Text) { texts[id] = append(texts[id], t) }, textsAll, string(room.o.Org), string(held.ID))
		if err != nil {
			return err
		}
		for _, state := range States {
			g := stateGroup{Name: r.Text("intervention.state." + string(state)), Waits: r.Text("intervention.waits." + string(state))}
			for _, in := range all {
				if in.State == state {
					g.Lines = append(g.Lines, room.deskLine(r, in, newest(texts[in.ID], in.Lang, false)))
				}
			}
			if len(g.Lines) > 0 {
				v.States = append(v.States, g)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return room.pages.queue.Render(w, r, v)
}

func (room *Room) deskLine(r *page.Request, in *Input, t *Text) deskLine {
	l := deskLine{Path: deskPath(in.Dialogue) + "/" + string(in.ID), Who: room.deskWho(r, in), Source: sourceName(r, in.Source), Alike: in.Alike != ""}
	if !in.Asked.IsZero() && in.State == Awaiting {
		l.Asked = r.Text("intervention.asked", "Date", r.Date(locale.DateOf(in.Asked)))
	}
	if t != nil && len(t.Paragraphs) > 0 {
		l.Begins = begins(t.Paragraphs[0], 110)
		if in.State == Confirmed {
			for _, p := range t.Paragraphs {
				l.Mentions = l.Mentions || len(Mentions(p, t.Lang)) > 0
			}
		}
	}
	return l
}

func sourceName(r *page.Request, s string) string {
	switch s {
	case "form", "floor", "transcript":
		return r.Text("intervention.from." + s)
	}
	return s
}

// deskWho is what the desk may know of an author: of a sealed voice that has confirmed, the category.
func (room *Room) deskWho(r *page.Request, in *Input) string {
	var parts []string
	for _, s := range []string{in.Name, string(in.Email)} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	parts = append(parts, room.typeName(r.Lang, in.Type))
	return strings.Join(parts, " · ")
}

// deskView is one input on the desk.
type deskView struct {
	head
	Done, Path, Public           string
	Errors                       page.FormErrors
	Version                      int
	State, Waits, Who, Why, Kind string
	Source, Alike, Note, Rule    string
	Texts                        []deskText
	Countries                    []deskCountry
	Acts                         []actLine
	Files                        []fileLine
	Entered                      []proofView
	MayAsk, MayPaper, MayReturn  bool
	MayCheck, MayPublish         bool
	MayTranslate, MayWithdraw    bool
	Email, AskNote, PaperNote    page.Field
	PaperVoice                   page.Field
	ReasonField, Reason          page.Field
	Lang, Status, Text           page.Field
}

type deskText struct {
	Name, Lang, Dir, Status string
	Version                 int
	Waits                   bool
	Paragraphs              []deskParagraph
}

// deskParagraph is a paragraph with the places that name a country marked.
type deskParagraph struct {
	Spans    []span
	Doubtful bool
}

type span struct{ Text, Mark string }

// deskCountry is a country that the waiting texts seem to name.
type deskCountry struct {
	Code, Name, Reason string
	Words              []string
	Doubtful, MayRoute bool
}

type actLine struct{ At, What, Note string }

func (room *Room) showDesk(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	return room.renderDesk(w, r, http.StatusOK, actor, url.Values{}, nil)
}

var deskDone = []string{"ask", "paper", "return", "keep", "route", "check", "publish", "translate", "withdraw"}

func (room *Room) renderDesk(w http.ResponseWriter, r *page.Request, status int, actor party.Actor, typedIn url.Values, errs page.FormErrors) error {
	w = private(w)
	var in *Input
	var texts []Text
	var places []Place
	v := deskView{Errors: errs, Done: page.Done(r, deskDone, "intervention.desk.done."), Rule: say(room.o.Rule, r.Lang)}
	err := room.o.DB.Read(r.Context(), func(tx *store.Tx) error {
		v.Acts, v.Files = nil, nil
		held, err := room.desk(tx, actor, dialogueOf(r))
		if err != nil {
			return err
		}
		v.head = room.head(r, held)
		if in, err = room.Input(tx, ID(r.PathValue("input"))); err != nil {
			return err
		}
		if in.Dialogue != held.ID {
			return ErrNotFound
		}
		if texts, err = room.texts(tx, in.ID); err != nil {
			return err
		}
		if places, err = room.places(tx, in, texts); err != nil {
			return err
		}
		acts, err := room.Acts(tx, in.ID)
		if err != nil {
			return err
		}
		for _, a := range acts {
			v.Acts = append(v.Acts, actLine{r.Date(locale.DateOf(a.At.In(held.zone()))), r.Text("intervention.act." + a.What), a.Note})
		}
		attached, err := room.Attachments(tx, in.ID)
		for _, f := range attached {
			v.Files = append(v.Files, fileLine{in.Path() + "/files/" + f.ID, f.Name, f.Type, int(f.Size+1023) >> 10})
		}
		return err
	})
	if err != nil {
		return notFound(err)
	}
	where, err := room.o.Ledger.Indexes(r.Context(), entries(texts))
	if err != nil {
		return err
	}
	v.Path, v.Version = deskPath(in.Dialogue)+"/"+string(in.ID), in.Version
	if in.Public() {
		v.Public = in.Path()
	}
	v.State, v.Waits, v.Kind = r.Text("intervention.state."+string(in.State)), r.Text("intervention.waits."+string(in.State)), r.Text("intervention.kind."+string(in.Kind))
	v.Who, v.Why, v.Source, v.Note = room.deskWho(r, in), r.Text("intervention.voice."+string(in.Voice)), sourceName(r, in.Source), in.Note
	if in.Voice == Sealed && in.Email == "" && in.Person == "" {
		v.Why = r.Text("intervention.desk.sealed")
	}
	if in.Alike != "" {
		v.Alike = deskPath(in.Dialogue) + "/" + string(in.Alike)
	}
	for _, lang := range languages(texts, in.Lang) {
		t := newest(texts, lang, false)
		v.Texts = append(v.Texts, deskText{langName(r.Lang, lang), lang, direction(lang), r.Text("intervention.status." + string(t.Status)), t.Number, t.Entry == "", marked(t)})
		if t.Entry != "" {
			v.Entered = append(v.Entered, proof(where, t.Entry))
		}
	}
	original := newest(texts, in.Lang, false)
	for _, p := range places {
		i := 0
		for i < len(v.Countries) && v.Countries[i].Code != p.Code {
			i++
		}
		if i == len(v.Countries) {
			v.Countries = append(v.Countries, deskCountry{Code: p.Code, Name: room.o.Catalogues.Country(r.Lang, p.Code), Doubtful: true,
				MayRoute: in.Handing && in.Voice != Sealed && room.o.FocalPoints != nil && original != nil && original.Entry == "" && in.State == Confirmed})
		}
		c := &v.Countries[i]
		c.Words, c.Reason = append(c.Words, p.Text), p.Reason
		c.Doubtful = c.Doubtful && p.Confidence == Doubtful
	}
	v.MayAsk, v.MayPaper = in.State == Draft || in.State == Awaiting, in.State == Draft || in.State == Awaiting
	v.MayReturn = (in.State == Confirmed || in.State == Checked || in.State == Published) && in.Email != "" && in.Voice != Sealed
	v.MayCheck, v.MayPublish = in.State == Confirmed, in.State == Checked
	v.MayTranslate, v.MayWithdraw = in.State == Confirmed || in.State == Checked || in.State == Published, in.State != Withdrawn
	email := typedIn.Get("email")
	if email == "" {
		email = string(in.Email)
	}
	v.Email = page.Field{Name: "email", Label: r.Text("intervention.email"), Type: "email", LTR: true, Max: 254, Value: email, Error: errs.Of("email")}
	v.AskNote = page.Field{Name: "note", Label: r.Text("intervention.desk.note"), Hint: r.Text("intervention.desk.note.hint"), Rows: 3, Max: MaxNote, Value: typedIn.Get("note"), Error: errs.Of("note")}
	v.PaperNote = page.Field{Name: "note", Label: r.Text("intervention.desk.paper.note"), Type: "text", Max: MaxNote, Value: typedIn.Get("note"), Error: errs.Of("note")}
	v.PaperVoice = room.voiceField(r, Voice(typedIn.Get("voice")), errs)
	v.PaperVoice.Choices = v.PaperVoice.Choices[:2] // the authorship file is for the author's eyes alone
	v.ReasonField = page.Field{Name: "reason", Label: r.Text("intervention.desk.keep.reason"), Type: "text", Max: MaxNote, Error: errs.Of("reason")}
	v.Reason = page.Field{Name: "reason", Label: r.Text("intervention.desk.withdraw.reason"), Type: "text", Max: MaxNote, Error: errs.Of("reason")}
	v.Lang = langField(r, "lang", typedIn.Get("lang"), errs)
	v.Status = page.Field{Name: "status", Label: r.Text("intervention.status"), Error: errs.Of("status")}
	for _, s := range Statuses {
		v.Status.Choices = append(v.Status.Choices, page.Choice{Value: string(s), Text: r.Text("intervention.status." + string(s)), Hint: r.Text("intervention.status." + string(s) + ".hint")})
	}
	page.Choose(v.Status.Choices, typedIn.Get("status"))
	v.Text = page.Field{Name: "text", Label: r.Text("intervention.text"), Rows: 10, Max: MaxText, Value: typedIn.Get("text"), Error: errs.Of("text")}
	return room.pages.desk.RenderStatus(w, r, status, v)
}

// marked cuts the paragraphs of a text where they seem to name a country.
func marked(t *Text) (all []deskParagraph) {
	doubt := map[int]bool{}
	for _, i := range t.Doubts {
		doubt[i] = true
	}
	for i, p := range t.Paragraphs {
		one, at := deskParagraph{Doubtful: doubt[i]}, 0
		for _, m := range Mentions(p, t.Lang) {
			one.Spans = append(one.Spans, span{p[at:m.Start], p[m.Start:m.End]})
			at = m.End
		}
		one.Spans = append(one.Spans, span{p[at:], ""})
		all = append(all, one)
	}
	return all
}

func (room *Room) takeDesk(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	in, err := page.ReadForm(w, r, maxForm)
	if err != nil {
		return err
	}
	d, id := dialogueOf(r), ID(r.PathValue("input"))
	version, err := strconv.Atoi(in.Get("version"))
	if err != nil {
		return page.Unreadable(err)
	}
	ctx, what := r.Context(), in.Get("what")
	switch what {
	case "ask", "return":
		err = room.AskAuthor(ctx, actor, d, id, version, in.Get("email"), in.Get("note"))
	case "paper":
		err = room.ConfirmOnPaper(ctx, actor, d, id, version, Voice(in.Get("voice")), in.Get("note"))
	case "keep":
		err = room.Keep(ctx, actor, d, id, version, in.Get("code"), in.Get("reason"))
	case "route":
		err = room.Route(ctx, actor, d, id, version, in.Get("code"), in.Get("reason"))
	case "check":
		err = room.Check(ctx, actor, d, id, version)
	case "publish":
		err = room.Publish(ctx, actor, d, id, version)
	case "translate":
		err = room.Translate(ctx, actor, d, id, version, in.Get("lang"), Status(in.Get("status")), in.Get("text"))
	case "withdraw":
		err = room.Withdraw(ctx, actor, d, id, version, in.Get("reason"))
	default:
		return page.Unreadable(nil)
	}
	if err != nil {
		errs, err := party.Explain(r, err)
		if err != nil {
			return err
		}
		return room.renderDesk(w, r, http.StatusUnprocessableEntity, actor, in, errs)
	}
	gone := false
	err = room.o.DB.Read(ctx, func(tx *store.Tx) error {
		_, err := room.Input(tx, id)
		gone = err == ErrNotFound
		return nil
	})
	if err != nil {
		return err
	}
	if gone {
		return r.Redirect(w, deskPath(d)+"?done=gone")
	}
	return r.Redirect(w, deskPath(d)+"/"+string(id)+"?done="+what)
}

// nationalView is where a State's focal point reads what was handed to it.
type nationalView struct {
	Country, Path, Token string
	Passages             []passageView
}

type passageView struct {
	ID, Lang, Dir, Who, Dialogue, Reason string
	Sample                               bool
	Paragraphs                           []string
	At                                   locale.Date
	Taken                                bool
}

func (room *Room) showNational(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	w = private(w)
	code := r.PathValue("country")
	v := nationalView{Country: room.o.Catalogues.Country(r.Lang, code), Path: "/national/" + code}
	err := room.o.DB.Read(r.Context(), func(tx *store.Tx) error {
		v.Passages = nil
		all, err := room.Passages(tx, actor, code)
		if err != nil {
			return err
		}
		for _, p := range all {
			one := passageView{ID: p.ID, Lang: p.Lang, Dir: direction(p.Lang), Dialogue: string(p.Dialogue), Reason: p.Reason, Paragraphs: p.Paragraphs, At: locale.DateOf(p.At), Taken: !p.Taken.IsZero()}
			if held, err := room.o.Dialogue(tx, p.Dialogue); err == nil {
				one.Dialogue, one.Sample = say(held.Title, r.Lang), held.Sample
			}
			one.Who, _ = room.whoSays(r, p.Who)
			v.Passages = append(v.Passages, one)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return room.pages.national.Render(w, r, v)
}

func (room *Room) takeNational(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	in, err := page.ReadForm(w, r, maxForm)
	if err != nil {
		return err
	}
	code := r.PathValue("country")
	if err := room.TakePassage(r.Context(), actor, code, in.Get("passage")); err != nil {
		return err
	}
	return r.Redirect(w, "/national/"+code)
}

// Today tells what waits for somebody at the desk: inputs to look at, to publish, and drafts without an address.
func (room *Room) Today(tx *store.Tx, r *page.Request, actor party.Actor) ([]page.Duty, error) {
	all, err := room.counts(tx)
	if err != nil {
		return nil, err
	}
	var out []page.Duty
	for _, id := range sortedDialogues(all) {
		held, err := room.o.Dialogue(tx, id)
		if err != nil || !party.May(actor, room.o.Run, held.scope()) {
			continue
		}
		for _, state := range []State{Draft, Confirmed, Checked} {
			if n := all[id][state]; n > 0 {
				out = append(out, page.Duty{Text: room.o.Catalogues.Count(r.Lang, "intervention.today."+string(state), n), Path: deskPath(id), Hint: isolate(say(held.Title, r.Lang)), Count: n})
			}
		}
	}
	return out, nil
}

func sortedDialogues(all map[dialogue.ID]map[State]int) (ids []dialogue.ID) {
	by := map[string]bool{}
	for id := range all {
		by[string(id)] = true
	}
	for _, id := range sortedKeys(by) {
		ids = append(ids, dialogue.ID(id))
	}
	return ids
}

// apiInput is an input as programs read it.
type apiInput struct {
	ID        ID       `json:"id"`
	Kind      Kind     `json:"kind"`
	Lang      string   `json:"lang"`
	Published string   `json:"published"`
	Who       Who      `json:"who"`
	Item      string   `json:"item,omitempty"`
	Needs     []string `json:"needs"`
	Withdrawn *string  `json:"withdrawn,omitempty"`
	Texts     []apiOne `json:"texts"`
}

type apiOne struct {
	Lang       string    `json:"lang"`
	Status     Status    `json:"status"`
	Version    int       `json:"version"`
	Of         int       `json:"of,omitempty"`
	Outdated   bool      `json:"outdated,omitempty"`
	Entry      ledger.ID `json:"entry"`
	Paragraphs []string  `json:"paragraphs"`
}

func (room *Room) api(r *page.Request) (h Held, out []apiInput, err error) {
	err = room.o.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		if h, err = room.o.Dialogue(tx, dialogueOf(r)); err != nil {
			return err
		}
		all, texts, err := room.Public(tx, h.ID)
		share := shared(all)
		out = []apiInput{}
		for _, in := range all {
			a := apiInput{ID: in.ID, Kind: in.Kind, Lang: in.Lang, Published: moment(in, in.Published), Who: who(in, share[in.Type+"/"+in.Region]), Item: in.Item, Needs: append([]string{}, in.Needs...), Texts: []apiOne{}}
			if in.State == Withdrawn {
				a.Withdrawn = &in.Note
			} else {
				for _, lang := range languages(texts[in.ID], in.Lang) {
					t := newest(texts[in.ID], lang, true)
					a.Texts = append(a.Texts, apiOne{t.Lang, t.Status, t.Number, t.Of, outdated(texts[in.ID], t, in.Lang), t.Entry, t.Paragraphs})
				}
			}
			out = append(out, a)
		}
		return err
	})
	return h, out, err
}

func (room *Room) apiList(w http.ResponseWriter, r *page.Request) error {
	h, all, err := room.api(r)
	if err != nil {
		return err
	}
	return page.JSON(w, http.StatusOK, struct {
		Dialogue dialogue.ID `json:"dialogue"`
		Sample   bool        `json:"sample"`
		Inputs   []apiInput  `json:"inputs"`
	}{h.ID, h.Sample, all})
}

func (room *Room) apiOne(w http.ResponseWriter, r *page.Request) error {
	h, all, err := room.api(r)
	if err != nil {
		return err
	}
	for _, in := range all {
		if string(in.ID) == r.PathValue("input") {
			return page.JSON(w, http.StatusOK, struct {
				Dialogue dialogue.ID `json:"dialogue"`
				Sample   bool        `json:"sample"`
				apiInput
			}{h.ID, h.Sample, in})
		}
	}
	return page.NotFound()
}
