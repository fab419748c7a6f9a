package followup

import (
	"bytes"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"rostrum.example/format/spreadsheet"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

type originsView struct{ Dialogues []originLine }

type originLine struct {
	Path, Title string
	Points      int
	Open        int
}

func (room *Room) showOrigins(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	if err := party.Allow(actor, put, party.WholeInstance()); err != nil {
		return err
	}
	var v originsView
	err := room.o.DB.Read(r.Context(), func(tx *store.Tx) error {
		v = originsView{}
		all, err := room.origins(tx)
		if err != nil {
			return err
		}
		open, err := room.openByOrigin(tx)
		if err != nil {
			return err
		}
		for _, o := range all {
			title, err := room.dialogueTitle(tx, o.ID, r.Lang)
			if err != nil {
				return err
			}
			v.Dialogues = append(v.Dialogues, originLine{"/desk/deliveries/" + o.ID, title, o.Points, open[o.ID]})
		}
		return nil
	})
	if err != nil {
		return err
	}
	return room.pages.origins.Render(w, r, v)
}

// openByOrigin counts, for each dialogue, the deliveries that nobody has confirmed.
func (room *Room) openByOrigin(tx *store.Tx) (map[string]int, error) {
	all, err := list(tx, func(r row) (o origin, err error) {
		err = r.Scan(&o.ID, &o.Points)
		return o, err
	}, deliveriesOpen, room.o.Org)
	open := map[string]int{}
	for _, o := range all {
		open[o.ID] = o.Points
	}
	return open, err
}

// deliveriesView is where points are put to States and where their receipt is confirmed.
type deliveriesView struct {
	Done                string
	Errors              page.FormErrors
	Wrong               []string // of a table that was sent in
	Sample              bool
	Path, Title, Public string
	Points, States, Way page.Field
	All                 bool
	Day, Reference      page.Field
	Open                []openDelivery
	Given               []openDelivery
	ReceiptDay          page.Field
	Receiver            page.Field
}

// openDelivery is what went to one State together: a note carries many points.
type openDelivery struct {
	Key, State, Way, Reference string
	Texts                      []string
	On, Confirmed              locale.Date
	Chosen                     bool
}

// together names the deliveries that went to a State at once.
func together(d Delivery) string {
	return strings.Join([]string{d.State, string(d.Way), d.Day.String(), d.Reference}, " ")
}

var deliveriesDone = []string{"put", "confirmed", "none"}

func (room *Room) showDeliveries(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	return room.renderDeliveries(w, r, http.StatusOK, actor, url.Values{"states-all": {"yes"}}, nil, nil)
}

func (room *Room) takeDeliveries(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	typed, err := page.ReadForm(w, r, maxForm)
	if err != nil {
		return err
	}
	done, n := "put", 0
	switch typed.Get("do") {
	case "put":
		n, err = room.PutToStates(r.Context(), actor, DeliveryData{
			Points: typed["points"], States: typed["states"], All: typed.Get("states-all") == "yes", Way: typed.Get("way"), Day: typed.Get("day"), Reference: typed.Get("reference"),
		})
	case "confirm":
		done = "confirmed"
		n, err = room.confirmChosen(r, actor, typed)
	default:
		return page.Unreadable(nil)
	}
	if err != nil {
		errs, err := explain(r, err)
		if err != nil {
			return err
		}
		return room.renderDeliveries(w, r, http.StatusUnprocessableEntity, actor, typed, oneDay(errs, "receipt-day"), nil)
	}
	if n == 0 {
		done = "none"
	}
	return r.Redirect(w, "/desk/deliveries/"+r.PathValue("dialogue")+"?done="+done)
}

// confirmChosen confirms everything that went together with what was chosen.
func (room *Room) confirmChosen(r *page.Request, actor party.Actor, typed url.Values) (int, error) {
	if len(typed["delivery"]) == 0 {
		return 0, invalid("delivery", "followup.confirm.none")
	}
	var receipts []Receipt
	err := room.o.DB.Read(r.Context(), func(tx *store.Tx) error {
		receipts = nil
		_, all, err := room.deliveredOf(tx, r.PathValue("dialogue"))
		for _, d := range all {
			if d.Confirmed == (locale.Date{}) && slices.Contains(typed["delivery"], together(d)) {
				receipts = append(receipts, Receipt{Delivery: d.ID, Day: typed.Get("receipt-day"), Receiver: typed.Get("receiver")})
			}
		}
		return err
	})
	if err != nil {
		return 0, err
	}
	return room.Confirm(r.Context(), actor, receipts)
}

// oneDay says once, at a field, what is wrong with the day that was given for many deliveries.
func oneDay(errs page.FormErrors, field string) page.FormErrors {
	for _, e := range errs {
		if strings.HasPrefix(e.Field, "receipt-") {
			return page.FormErrors{{Field: field, Href: "#" + field, Text: e.Text}}
		}
	}
	return errs
}

func (room *Room) renderDeliveries(w http.ResponseWriter, r *page.Request, status int, actor party.Actor, typed url.Values, errs page.FormErrors, wrong []string) error {
	if err := party.Allow(actor, put, party.WholeInstance()); err != nil {
		return err
	}
	id := r.PathValue("dialogue")
	today := locale.DateOf(room.o.Clock().UTC()).String()
	or := func(name string) string {
		if v := typed.Get(name); v != "" || typed.Has(name) {
			return v
		}
		return today
	}
	v := deliveriesView{
		Done: page.Done(r, deliveriesDone, "followup.done."), Errors: errs, Wrong: wrong, Path: "/desk/deliveries/" + id, Public: followUpPath(id), All: typed.Get("states-all") == "yes",
		Points:     page.Field{Name: "points", Label: r.Text("followup.delivery.points"), Error: errs.Of("points")},
		States:     page.Field{Name: "states", Label: r.Text("followup.delivery.states"), Error: errs.Of("states")},
		Way:        page.Field{Name: "way", Label: r.Text("followup.delivery.way"), Error: errs.Of("way"), Choices: choices(r, "followup.way.", Ways(), typed.Get("way"))},
		Day:        page.Field{Name: "day", Label: r.Text("followup.delivery.day"), Type: "date", LTR: true, Value: or("day"), Error: errs.Of("day")},
		Reference:  page.Field{Name: "reference", Label: r.Text("followup.delivery.reference"), Hint: r.Text("followup.delivery.reference.hint"), Type: "text", Max: maxReference, Optional: true, Value: typed.Get("reference"), Error: errs.Of("reference")},
		ReceiptDay: page.Field{Name: "receipt-day", Label: r.Text("followup.receive.day"), Type: "date", LTR: true, Value: or("receipt-day"), Error: errs.Of("receipt-day")},
		Receiver:   page.Field{Name: "receiver", Label: r.Text("followup.confirm.by"), Hint: r.Text("followup.confirm.by.hint"), Type: "text", Max: maxReference, Optional: true, Value: typed.Get("receiver")},
	}
	err := room.o.DB.Read(r.Context(), func(tx *store.Tx) error {
		v.Points.Choices, v.Open, v.Given = nil, nil, nil
		points, deliveries, err := room.deliveredOf(tx, id)
		if err != nil {
			return err
		}
		if len(points) == 0 {
			return page.NotFound()
		}
		if v.Title, err = room.dialogueTitle(tx, id, r.Lang); err != nil {
			return err
		}
		texts := map[PointID]string{}
		for _, p := range points {
			texts[p.ID] = room.shown(p, r.Lang, 140)
			v.Sample = v.Sample || p.Sample
			if p.Withdrawn.IsZero() {
				v.Points.Choices = append(v.Points.Choices, page.Choice{Value: string(p.ID), Text: texts[p.ID]})
			}
		}
		page.Choose(v.Points.Choices, typed["points"]...)
		for _, code := range room.byName(r.Lang, statesIn(deliveries)) {
			for _, d := range deliveries {
				if d.State != code {
					continue
				}
				into := &v.Given
				if d.Confirmed == (locale.Date{}) {
					into = &v.Open
				}
				key := together(d)
				i := slices.IndexFunc(*into, func(o openDelivery) bool { return o.Key == key && o.Confirmed == d.Confirmed })
				if i < 0 {
					i = len(*into)
					*into = append(*into, openDelivery{key, room.StateName(r.Lang, code), r.Text("followup.way." + string(d.Way)), d.Reference, nil, d.Day, d.Confirmed, slices.Contains(typed["delivery"], key)})
				}
				(*into)[i].Texts = append((*into)[i].Texts, texts[d.Point])
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	var codes []string
	for _, s := range room.o.States {
		codes = append(codes, s.ID)
	}
	for _, code := range room.byName(r.Lang, codes) {
		v.States.Choices = append(v.States.Choices, page.Choice{Value: code, Text: room.StateName(r.Lang, code)})
	}
	page.Choose(v.States.Choices, typed["states"]...)
	return room.pages.deliveries.RenderStatus(w, r, status, v)
}

func statesIn(all []Delivery) []string {
	var codes []string
	for _, d := range all {
		codes = append(codes, d.State)
	}
	slices.Sort(codes)
	return slices.Compact(codes)
}

func (room *Room) deliveredOf(tx *store.Tx, origin string) ([]*Point, []Delivery, error) {
	points, err := room.Points(tx, origin)
	if err != nil {
		return nil, nil, err
	}
	deliveries, err := list(tx, scanDelivery, deliveriesOfOrigin, room.o.Org, origin)
	return points, deliveries, err
}

// giveTable gives the deliveries of a dialogue as a workbook, to be filled in with their confirmations.
func (room *Room) giveTable(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	if err := party.Allow(actor, put, party.WholeInstance()); err != nil {
		return err
	}
	t := spreadsheet.Table{Name: clip(r.Text("followup.deliveries"), 31), RightToLeft: r.Lang.Dir() == "rtl"}
	for _, f := range tableFields {
		t.Columns = append(t.Columns, spreadsheet.Column{Name: r.Text("followup.table." + f)})
	}
	err := room.o.DB.Read(r.Context(), func(tx *store.Tx) error {
		t.Rows = nil
		points, deliveries, err := room.deliveredOf(tx, r.PathValue("dialogue"))
		if err != nil {
			return err
		}
		if len(points) == 0 {
			return page.NotFound()
		}
		texts := map[PointID]string{}
		for _, p := range points {
			texts[p.ID] = room.shown(p, r.Lang, 200)
		}
		for _, code := range room.byName(r.Lang, statesIn(deliveries)) {
			for _, d := range deliveries {
				if d.State == code {
					t.Rows = append(t.Rows, cells(d.ID, room.StateName(r.Lang, code), texts[d.Point], d.Day.String(), d.Reference, dayText(d.Confirmed), d.Receiver))
				}
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := spreadsheet.WriteXLSX(&out, t); err != nil {
		return err
	}
	return page.Download(w, fileName("deliveries", r.PathValue("dialogue"))+".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", out.Bytes())
}

func cells(texts ...string) []spreadsheet.Cell {
	var row []spreadsheet.Cell
	for _, s := range texts {
		c := spreadsheet.Cell{Text: s, Kind: spreadsheet.Text}
		if s == "" {
			c.Kind = spreadsheet.Empty
		}
		row = append(row, c)
	}
	return row
}

func (room *Room) takeTable(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	if err := party.Allow(actor, put, party.WholeInstance()); err != nil {
		return err
	}
	var wrong []string
	n := 0
	name, data, err := upload(w, r, maxTable)
	if err == nil {
		var receipts []Receipt
		if receipts, wrong, err = room.readTable(r, name, data); err == nil && len(wrong) == 0 {
			n, err = room.Confirm(r.Context(), actor, receipts)
			wrong, err = room.rowsOf(r, receipts, err)
		}
	}
	if err != nil || len(wrong) > 0 {
		errs, err := explain(r, err)
		if err != nil {
			return err
		}
		return room.renderDeliveries(w, r, http.StatusUnprocessableEntity, actor, url.Values{"states-all": {"yes"}}, errs, wrong)
	}
	done := "confirmed"
	if n == 0 {
		done = "none"
	}
	return r.Redirect(w, "/desk/deliveries/"+r.PathValue("dialogue")+"?done="+done)
}

// rowsOf says what Confirm found wrong, delivery by delivery.
func (room *Room) rowsOf(r *page.Request, receipts []Receipt, err error) ([]string, error) {
	errs, rest := explain(r, err)
	if err == nil || rest != nil {
		return nil, rest
	}
	var wrong []string
	for _, e := range errs {
		if id, ok := strings.CutPrefix(e.Field, "receipt-"); ok {
			i := slices.IndexFunc(receipts, func(x Receipt) bool { return x.Delivery == id })
			wrong = append(wrong, r.Text("followup.table.row", "Value", isolate(receipts[i].Day), "Wrong", e.Text))
		}
	}
	if len(wrong) == 0 {
		return nil, err
	}
	return wrong, nil
}
