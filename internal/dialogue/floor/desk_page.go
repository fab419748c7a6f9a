package floor

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

type deskView struct {
	floorView
	Errors             page.FormErrors
	Done               string
	Since              []string // what others did meanwhile
	IsOpen, HasItem    bool
	First              *queueRow
	Queue              []queueRow
	Panel              []panelRow
	Phase              Phase
	Item               page.Field
	Person, Kind, Mode page.Field
	CallOut            page.Field
	Settings           []page.Field
	Extensions         []extension
	Log                []string
}

type queueRow struct {
	nextRow
	Label, About string
	Reason       page.Field
	Typed        bool
	Grant        bool // a reply that the chair can take now
}

type panelRow struct {
	N          int
	Name, Role string
}

type extension struct {
	Seconds int
	Text    string
}

// logShown bounds the acts that the desk's page lists.
const logShown = 30

func (room *Room) showDesk(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	return room.renderDesk(w, r, actor, http.StatusOK, nil, nil)
}

// renderDesk shows the desk. After a form that was not taken it shows why, and keeps what was typed.
func (room *Room) renderDesk(w http.ResponseWriter, r *page.Request, actor party.Actor, status int, since []Act, errs page.FormErrors) error {
	s, say, common, err := room.look(r, func(tx *store.Tx, s *scene) error {
		return party.Allow(actor, room.o.Run, s.held.scope())
	})
	if err != nil {
		return err
	}
	common.Here, common.Typing = common.Here+"/desk", true
	typed := url.Values{}
	if r.Method == http.MethodPost {
		typed = r.PostForm
	}
	v := deskView{floorView: common, Errors: errs, IsOpen: s.State == Open, HasItem: s.Item != ""}
	if len(errs) == 0 && len(since) == 0 {
		v.Done = page.Done(r, []string{"done"}, "floor.done.")
	}
	for _, a := range since {
		v.Since = append(v.Since, say.act(a))
	}
	list := s.List(s.Item)
	v.Phase = list.Phase
	now := room.o.Clock()
	for i, p := range s.order(s.Item, now) {
		row := queueRow{nextRow: say.row(p, i+1, list.Settings), Label: isolate(p.Participant.Label), Grant: p.Kind == Reply && !p.Granted}
		row.About = say.typ(p.Participant.Type) + " · " + say.text("floor.mode."+string(p.Mode))
		if p.Lang != "" {
			row.About += " · " + say.language(p.Lang)
		}
		field := reasonField(row.N)
		row.Reason = page.Field{Name: field, Label: say.text("floor.desk.reason"), Hint: say.text("floor.desk.reason.hint"), Type: "text", Max: MaxReason, Value: typed.Get(field), Error: errs.Of(field)}
		row.Typed = row.Reason.Value != "" || row.Reason.Error != ""
		v.Queue = append(v.Queue, row)
	}
	if len(v.Queue) > 0 {
		v.First = &v.Queue[0]
	}
	v.Item = page.Field{Name: "item", Label: say.text("floor.desk.item.field"), Error: errs.Of("item"), Choices: []page.Choice{}}
	for _, it := range s.items {
		v.Item.Choices = append(v.Item.Choices, page.Choice{Value: string(it.ID), Text: say.of(it.Title, string(it.ID)), Chosen: it.ID == s.Item})
	}
	if item, ok := s.item(s.Item); ok {
		for i, p := range item.Panel {
			v.Panel = append(v.Panel, panelRow{i + 1, p.Name, p.Role})
		}
	}
	v.Person = page.Field{Name: "participant", Label: say.text("floor.desk.who"), Error: errs.Of("participant")}
	for _, p := range s.sorted {
		v.Person.Choices = append(v.Person.Choices, page.Choice{Value: string(p.ID), Text: p.Label, Chosen: string(p.ID) == typed.Get("participant")})
	}
	v.Kind = page.Field{Name: "kind", Label: say.text("floor.kind")}
	for _, k := range []Kind{Statement, PointOfOrder, Reply} {
		v.Kind.Choices = append(v.Kind.Choices, page.Choice{Value: string(k), Text: say.text("floor.kind." + string(k)), Chosen: string(k) == typed.Get("kind")})
	}
	v.Mode = say.modes(InRoom)
	v.Mode.Label = say.text("floor.desk.mode")
	v.CallOut = page.Field{Name: reasonField(0), Label: say.text("floor.desk.reason"), Hint: say.text("floor.desk.reason.hint"), Type: "text", Max: MaxReason, Value: typed.Get(reasonField(0)), Error: errs.Of(reasonField(0))}
	v.Settings = say.settings(list.Settings, typed, errs)
	for _, seconds := range []int{30, 60, 120} {
		v.Extensions = append(v.Extensions, extension{seconds, say.span(seconds)})
	}
	for i, a := range s.Acts {
		if i < logShown {
			v.Log = append(v.Log, say.act(a))
		}
	}
	return room.pages.desk.RenderStatus(noStore{w}, r, status, v)
}

// settingFields are the fields of the settings, in their order.
var settingFields = []struct {
	name string
	of   func(*Settings) *int
}{
	{"statement", func(s *Settings) *int { return &s.Statement }},
	{"panel", func(s *Settings) *int { return &s.Panel }},
	{"order", func(s *Settings) *int { return &s.Order }},
	{"reply", func(s *Settings) *int { return &s.Reply }},
	{"run", func(s *Settings) *int { return &s.Run }},
	{"pass", func(s *Settings) *int { return &s.Pass }},
}

func (v voice) settings(s Settings, typed url.Values, errs page.FormErrors) []page.Field {
	var all []page.Field
	for _, f := range settingFields {
		field := page.Field{Name: f.name, Label: v.text("floor.set." + f.name), Type: "text", Inputmode: "numeric", LTR: true, Max: 4, Value: strconv.Itoa(*f.of(&s)), Error: errs.Of(f.name)}
		if typed.Has(f.name) {
			field.Value = typed.Get(f.name)
		}
		all = append(all, field)
	}
	return all
}

// reasonField is the field of the reason that belongs to a request.
func reasonField(n int) string { return fmt.Sprintf("reason-%d", n) }

// doDesk does what a form of the desk asks.
func (room *Room) doDesk(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	form, err := page.ReadForm(w, r, maxForm)
	if err != nil {
		return err
	}
	c, err := readCommand(form)
	if err != nil {
		return err
	}
	stamp := Stamp{Token: form.Get("token")}
	if stamp.Desk, err = strconv.Atoi(form.Get("desk")); err != nil || stamp.Desk < 0 {
		return page.Unreadable(errors.New("the form does not say when it was made"))
	}
	if c.What == Asked {
		stamp.Desk = AnyDesk // a hand that was raised stays raised
	}
	err = room.Do(r.Context(), actor, dialogueOf(r), stamp, c)
	var overtaken *Overtaken
	if errors.As(err, &overtaken) {
		return room.renderDesk(w, r, actor, http.StatusConflict, overtaken.Since, nil)
	}
	if err == nil {
		return r.Redirect(w, base(dialogueOf(r))+"/desk")
	}
	errs, err := page.Explain(r, err)
	if err != nil {
		return err
	}
	for i := range errs {
		if errs[i].Field == "reason" {
			errs[i].Field = reasonField(c.Request)
			errs[i].Href = "#" + errs[i].Field
		}
	}
	return room.renderDesk(w, r, actor, http.StatusUnprocessableEntity, nil, errs)
}

// readCommand reads a form of the desk. Numbers that are no numbers were not typed, but for those of the settings.
func readCommand(form url.Values) (Command, error) {
	c := Command{
		What: What(form.Get("what")), Item: ItemID(form.Get("item")), Participant: ParticipantID(form.Get("participant")),
		Kind: Kind(form.Get("kind")), Mode: Mode(form.Get("mode")), Phase: Phase(form.Get("phase")),
	}
	for name, into := range map[string]*int{"request": &c.Request, "panellist": &c.Panellist, "seconds": &c.Seconds} {
		if text := form.Get(name); text != "" {
			n, err := strconv.Atoi(text)
			if err != nil {
				return c, page.Unreadable(err)
			}
			*into = n
		}
	}
	if c.What == SettingsSet {
		for _, f := range settingFields {
			n, err := strconv.Atoi(strings.TrimSpace(form.Get(f.name)))
			if err != nil {
				n = 0 // out of bounds, so that the field is named
			}
			*f.of(&c.Settings) = n
		}
	}
	c.Reason = form.Get(reasonField(c.Request))
	return c, nil
}
