package cycle

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

// listView is the desk's list of dialogues and calls.
type listView struct {
	Dialogues []deskLine
	Calls     []callDesk
	May       bool
}

type deskLine struct {
	Path, Title, Days, State string
	Sample                   bool
}

type callDesk struct {
	Path, Title string
	Deadline    page.When
	Sample      bool
}

func (room *Room) showList(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	v := listView{May: party.May(actor, party.OpenCall, party.WholeInstance())}
	err := room.o.DB.Read(r.Context(), func(tx *store.Tx) error {
		v.Dialogues, v.Calls = nil, nil
		own, err := room.Dialogues(tx)
		if err != nil {
			return err
		}
		for _, d := range own {
			if !v.May && !party.May(actor, party.ReadApplication, d.Scope()) && !room.mayMove(actor, d) {
				continue
			}
			v.Dialogues = append(v.Dialogues, deskLine{"/desk/dialogues/" + string(d.ID), say(r, d.Title), days(r, d), say(r, room.State(d.State).Name), d.Sample})
		}
		if !v.May {
			return nil
		}
		calls, err := room.Calls(tx)
		if err != nil {
			return err
		}
		for _, c := range calls {
			v.Calls = append(v.Calls, callDesk{"/desk/calls/" + string(c.ID), say(r, c.Title), r.When(c.Deadline(), location(c.Zone)), c.Sample})
		}
		return nil
	})
	if err != nil {
		return err
	}
	if !v.May && len(v.Dialogues) == 0 {
		return party.Allow(actor, party.OpenCall, party.WholeInstance())
	}
	return room.pages.list.Render(w, r, v)
}

// planView is the form for a dialogue.
type planView struct {
	Errors         page.FormErrors
	Correct        string // the path of the dialogue that is corrected; empty for a new one
	Version        int
	Sample         bool
	ID, Body       page.Field
	Titles, Places []page.Field
	Starts, Ends   page.Field
	Zone, Follows  page.Field
}

func (room *Room) showPlan(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	if err := party.Allow(actor, party.OpenCall, party.WholeInstance()); err != nil {
		return err
	}
	return room.renderPlan(w, r, http.StatusOK, url.Values{"zone": {room.o.Zone}}, nil, nil)
}

func (room *Room) takePlan(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	typed, err := page.ReadForm(w, r, maxForm)
	if err != nil {
		return err
	}
	id, err := room.Plan(r.Context(), actor, dialogueData(typed), typed.Get("sample") == "yes")
	if err != nil {
		errs, err := party.Explain(r, err)
		if err != nil {
			return err
		}
		return room.renderPlan(w, r, http.StatusUnprocessableEntity, typed, nil, errs)
	}
	return r.Redirect(w, "/desk/dialogues/"+string(id)+"?done=planned")
}

func (room *Room) showCorrect(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	d, err := room.mine(r, actor)
	if err != nil {
		return err
	}
	typed := url.Values{
		"id": {string(d.ID)}, "body": {d.Body}, "starts": {d.Starts.String()}, "ends": {d.Ends.String()}, "zone": {d.Zone},
		"follows": {string(d.Follows)}, "version": {strconv.Itoa(d.Version)},
	}
	typeWords(typed, "title", d.Title)
	typeWords(typed, "place", d.Place)
	return room.renderPlan(w, r, http.StatusOK, typed, d, nil)
}

func (room *Room) takeCorrect(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	d, err := room.mine(r, actor)
	if err != nil {
		return err
	}
	typed, err := page.ReadForm(w, r, maxForm)
	if err != nil {
		return err
	}
	version, _ := strconv.Atoi(typed.Get("version"))
	if err := room.Correct(r.Context(), actor, d.ID, version, dialogueData(typed)); err != nil {
		errs, err := party.Explain(r, err)
		if err != nil {
			return err
		}
		typed.Set("version", strconv.Itoa(d.Version)) // what is sent next has seen what is there now
		return room.renderPlan(w, r, http.StatusUnprocessableEntity, typed, d, errs)
	}
	return r.Redirect(w, "/desk/dialogues/"+string(d.ID)+"?done=corrected")
}

// mine finds the dialogue of a desk page that its officer may change.
func (room *Room) mine(r *page.Request, actor party.Actor) (*Dialogue, error) {
	var d *Dialogue
	err := room.o.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		d, err = room.Dialogue(tx, dialogue.ID(r.PathValue("dialogue")))
		return err
	})
	if err != nil {
		return nil, notFound(err)
	}
	return d, party.Allow(actor, party.OpenCall, d.Scope())
}

func (room *Room) renderPlan(w http.ResponseWriter, r *page.Request, status int, typed url.Values, d *Dialogue, errs page.FormErrors) error {
	var earlier []party.Dialogue
	err := room.o.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		earlier, err = room.earlier(tx)
		return err
	})
	if err != nil {
		return err
	}
	version, _ := strconv.Atoi(typed.Get("version"))
	v := planView{
		Errors: errs, Version: version, Sample: typed.Get("sample") == "yes",
		ID:     page.Field{Name: "id", Label: r.Text("cycle.id"), Hint: r.Text("cycle.id.hint"), Type: "text", LTR: true, Max: maxName, Value: typed.Get("id"), Error: errs.Of("id")},
		Body:   page.Field{Name: "body", Label: r.Text("cycle.body"), Error: errs.Of("body")},
		Starts: page.Field{Name: "starts", Label: r.Text("cycle.starts"), Hint: r.Text("cycle.starts.hint"), Type: "date", LTR: true, Value: typed.Get("starts"), Error: errs.Of("starts")},
		Ends:   page.Field{Name: "ends", Label: r.Text("cycle.ends"), Type: "date", LTR: true, Value: typed.Get("ends"), Error: errs.Of("ends")},
		Zone:   zoneField(r, typed, errs),
		Titles: wordFields(r, typed, errs, "title", maxTitle), Places: wordFields(r, typed, errs, "place", maxPlace),
		Follows: page.Field{Name: "follows", Label: r.Text("cycle.follows"), Hint: r.Text("cycle.follows.hint"), Error: errs.Of("follows"),
			Choices: []page.Choice{{Value: "", Text: r.Text("cycle.follows.none")}}},
	}
	for _, b := range room.o.Bodies {
		v.Body.Choices = append(v.Body.Choices, page.Choice{Value: b.ID, Text: b.In(r.Lang)})
	}
	page.Choose(v.Body.Choices, typed.Get("body"))
	for _, e := range slices.Backward(earlier) {
		if d == nil || e.ID != string(d.ID) {
			v.Follows.Choices = append(v.Follows.Choices, page.Choice{Value: e.ID, Text: e.In(r.Lang)})
		}
	}
	page.Choose(v.Follows.Choices, typed.Get("follows"))
	if d != nil {
		v.Correct, v.Sample = "/desk/dialogues/"+string(d.ID), d.Sample
	}
	return room.pages.plan.RenderStatus(w, r, status, v)
}

func zoneField(r *page.Request, typed url.Values, errs page.FormErrors) page.Field {
	return page.Field{Name: "zone", Label: r.Text("cycle.zone"), Hint: r.Text("cycle.zone.hint"), Type: "text", LTR: true, Max: 60, Value: typed.Get("zone"), Error: errs.Of("zone")}
}

// wordFields are a field for each language.
func wordFields(r *page.Request, typed url.Values, errs page.FormErrors, name string, max int) []page.Field {
	var all []page.Field
	for _, lang := range locale.Langs {
		at := name + "-" + string(lang)
		f := page.Field{Name: at, Label: r.Text("cycle."+name, "Lang", lang.Name()), Type: "text", Max: max, Value: typed.Get(at), Error: errs.Of(at), Optional: lang != locale.English}
		if lang == locale.English {
			f.Hint = r.Text("cycle." + name + ".hint")
			f.Optional = name != "title"
		}
		all = append(all, f)
	}
	return all
}

func typeWords(typed url.Values, name string, words dialogue.Words) {
	for lang, one := range words {
		typed.Set(name+"-"+string(lang), one.Text)
	}
}

func typedWords(typed url.Values, name string) map[locale.Lang]string {
	words := map[locale.Lang]string{}
	for _, lang := range locale.Langs {
		words[lang] = typed.Get(name + "-" + string(lang))
	}
	return words
}

func dialogueData(typed url.Values) DialogueData {
	return DialogueData{
		ID: typed.Get("id"), Body: typed.Get("body"), Starts: typed.Get("starts"), Ends: typed.Get("ends"), Zone: typed.Get("zone"),
		Follows: typed.Get("follows"), Title: typedWords(typed, "title"), Place: typedWords(typed, "place"),
	}
}

// deskView is a dialogue on the desk of who runs it.
type deskView struct {
	Done        string
	Errors      page.FormErrors
	Sample      bool
	ID          dialogue.ID
	Title, Days string
	From, State string // id and name of the state that the page shows
	Steps       []stepView
	Next        []nextView
	Call        *callLine
	CallDesk    string
	Links       []Link
	Moves       []moveView
	MayCorrect  bool
	Entered     page.Entered
}

// nextView is a state that may follow, with what it asks to be written down.
type nextView struct {
	ID, Name string
	Asks     []page.Field
}

var deskDone = []string{"planned", "corrected", "moved", "call"}

func (room *Room) showDesk(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	return room.renderDesk(w, r, http.StatusOK, actor, url.Values{}, nil)
}

func (room *Room) takeMove(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	typed, err := page.ReadForm(w, r, maxForm)
	if err != nil {
		return err
	}
	to := typed.Get("to")
	answers := map[string]string{}
	for _, ask := range room.State(to).Asks {
		answers[ask.ID] = typed.Get("ask-" + ask.ID)
	}
	id := dialogue.ID(r.PathValue("dialogue"))
	if err := room.Move(r.Context(), actor, id, typed.Get("from"), to, answers); err != nil {
		errs, err := party.Explain(r, err)
		if err != nil {
			return err
		}
		return room.renderDesk(w, r, http.StatusUnprocessableEntity, actor, typed, errs)
	}
	return r.Redirect(w, "/desk/dialogues/"+string(id)+"?done=moved")
}

func (room *Room) renderDesk(w http.ResponseWriter, r *page.Request, status int, actor party.Actor, typed url.Values, errs page.FormErrors) error {
	v := deskView{Done: page.Done(r, deskDone, "cycle.done."), Errors: errs}
	var d *Dialogue
	var moves []Move
	err := room.o.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		if d, err = room.Dialogue(tx, dialogue.ID(r.PathValue("dialogue"))); err != nil {
			return notFound(err)
		}
		if moves, err = room.Moves(tx, d.ID); err != nil {
			return err
		}
		v.Call, err = room.callLine(tx, r, d)
		return err
	})
	if err != nil {
		return err
	}
	v.MayCorrect = party.May(actor, party.OpenCall, d.Scope())
	if !v.MayCorrect && !room.mayMove(actor, d) {
		if err := party.Allow(actor, party.ReadApplication, d.Scope()); err != nil {
			return err
		}
	}
	if v.Call != nil {
		v.CallDesk = "/desk" + v.Call.Path
	}
	v.Sample, v.ID, v.Title, v.Days = d.Sample, d.ID, say(r, d.Title), days(r, d)
	v.From, v.State, v.Steps = d.State, say(r, room.State(d.State).Name), room.steps(r, d)
	if room.mayMove(actor, d) {
		for _, next := range room.State(d.State).Next {
			v.Next = append(v.Next, room.next(r, next, typed, errs))
		}
	}
	for _, offer := range room.offers {
		links, err := offer(r.Context(), r, d)
		if err != nil {
			return err
		}
		v.Links = append(v.Links, links...)
	}
	if v.Moves, err = room.moveViews(r, moves); err != nil {
		return err
	}
	places, err := room.places(r, d.Entry)
	if err != nil {
		return err
	}
	v.Entered = page.EnteredAt(places, d.Entry)
	return room.pages.desk.RenderStatus(w, r, status, v)
}

func (room *Room) next(r *page.Request, id string, typed url.Values, errs page.FormErrors) nextView {
	state := room.State(id)
	v := nextView{ID: id, Name: say(r, state.Name)}
	for _, ask := range state.Asks {
		at := "ask-" + ask.ID
		f := page.Field{Name: at, Label: say(r, ask.Name), Rows: 3, Max: maxAnswer, Optional: !ask.Required}
		if typed.Get("to") == id {
			f.Value, f.Error = typed.Get(at), errs.Of(at)
		}
		v.Asks = append(v.Asks, f)
	}
	return v
}

// setView is the form for a call.
type setView struct {
	Errors     page.FormErrors
	New        bool
	Path       string
	Public     string
	Version    int
	ID         page.Field
	Dialogues  page.Field
	Titles     []page.Field
	Abouts     []page.Field
	Closes     page.Field
	Zone       page.Field
	Erases     page.Field
	Recipients page.Field
	Deadline   *page.When
}

func (room *Room) showSet(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	if err := party.Allow(actor, party.OpenCall, party.WholeInstance()); err != nil {
		return err
	}
	id := r.PathValue("call")
	if id == "" {
		typed := url.Values{"zone": {room.o.Zone}, "dialogues": {r.URL.Query().Get("dialogue")}, "id": {r.URL.Query().Get("dialogue")}}
		return room.renderSet(w, r, http.StatusOK, typed, nil)
	}
	var c *Call
	err := room.o.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		c, err = room.Call(tx, CallID(id))
		return err
	})
	if err != nil {
		return notFound(err)
	}
	typed := url.Values{
		"id": {id}, "closes": {c.Closes.String()}, "zone": {c.Zone}, "erases": {c.Erases.String()},
		"recipients": {strings.Join(c.Recipients, "\n")}, "version": {strconv.Itoa(c.Version)},
	}
	for _, d := range c.Dialogues {
		typed.Add("dialogues", string(d))
	}
	typeWords(typed, "title", c.Title)
	typeWords(typed, "about", c.About)
	return room.renderSet(w, r, http.StatusOK, typed, nil)
}

func (room *Room) takeSet(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	typed, err := page.ReadForm(w, r, maxForm)
	if err != nil {
		return err
	}
	version, _ := strconv.Atoi(typed.Get("version"))
	if r.PathValue("call") != "new" {
		typed.Set("id", r.PathValue("call"))
	}
	id, err := room.SetCall(r.Context(), actor, version, CallData{
		ID: typed.Get("id"), Closes: typed.Get("closes"), Zone: typed.Get("zone"), Erases: typed.Get("erases"), Recipients: typed.Get("recipients"),
		Dialogues: typed["dialogues"], Title: typedWords(typed, "title"), About: typedWords(typed, "about"),
	})
	if err != nil {
		errs, err := party.Explain(r, err)
		if err != nil {
			return err
		}
		return room.renderSet(w, r, http.StatusUnprocessableEntity, typed, errs)
	}
	return r.Redirect(w, "/desk/calls/"+string(id)+"?done=call")
}

func (room *Room) renderSet(w http.ResponseWriter, r *page.Request, status int, typed url.Values, errs page.FormErrors) error {
	version, _ := strconv.Atoi(typed.Get("version"))
	v := setView{
		Errors: errs, New: version == 0, Version: version, Path: "/desk/calls/new",
		ID:        page.Field{Name: "id", Label: r.Text("cycle.id"), Hint: r.Text("cycle.call.id.hint"), Type: "text", LTR: true, Max: maxName, Value: typed.Get("id"), Error: errs.Of("id")},
		Dialogues: page.Field{Name: "dialogues", Label: r.Text("cycle.call.dialogues"), Hint: r.Text("cycle.call.dialogues.hint"), Error: errs.Of("dialogues")},
		Titles:    wordFields(r, typed, errs, "title", maxTitle), Abouts: wordFields(r, typed, errs, "about", maxAbout),
		Closes: page.Field{Name: "closes", Label: r.Text("cycle.closes"), Hint: r.Text("cycle.closes.hint"), Type: "date", LTR: true, Value: typed.Get("closes"), Error: errs.Of("closes")},
		Zone:   zoneField(r, typed, errs),
		Erases: page.Field{Name: "erases", Label: r.Text("cycle.erases"), Hint: r.Text("cycle.erases.hint"), Type: "date", LTR: true, Value: typed.Get("erases"), Error: errs.Of("erases")},
		Recipients: page.Field{Name: "recipients", Label: r.Text("cycle.recipients"), Hint: r.Text("cycle.recipients.hint"), Rows: 3, LTR: true,
			Value: typed.Get("recipients"), Error: errs.Of("recipients")},
	}
	if !v.New {
		v.Path, v.Public = "/desk/calls/"+typed.Get("id"), "/calls/"+typed.Get("id")
	}
	if closes, err := locale.ParseDate(typed.Get("closes")); err == nil && closes.Day > 0 {
		if zone, err := time.LoadLocation(typed.Get("zone")); err == nil {
			when := r.When((&Call{Closes: closes, Zone: zone.String()}).Deadline(), zone)
			v.Deadline = &when
		}
	}
	err := room.o.DB.Read(r.Context(), func(tx *store.Tx) error {
		v.Dialogues.Choices = nil
		own, err := room.Dialogues(tx)
		if err != nil {
			return err
		}
		for _, d := range own {
			if other, err := room.CallFor(tx, d.ID); err == nil && string(other.ID) != typed.Get("id") {
				continue
			}
			v.Dialogues.Choices = append(v.Dialogues.Choices, page.Choice{Value: string(d.ID), Text: say(r, d.Title), Hint: days(r, d)})
		}
		return nil
	})
	if err != nil {
		return err
	}
	page.Choose(v.Dialogues.Choices, typed["dialogues"]...)
	return room.pages.set.RenderStatus(w, r, status, v)
}

// paragraphs cuts a text at its empty lines.
func paragraphs(s string) []string {
	var all []string
	for p := range strings.SplitSeq(s, "\n\n") {
		if p = strings.TrimSpace(p); p != "" {
			all = append(all, p)
		}
	}
	return all
}
