package floor

import (
	"errors"
	"net/http"
	"slices"
	"strconv"

	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

// maxForm bounds what a form may weigh, in bytes.
const maxForm = 128 << 10

type seatView struct {
	floorView
	Errors                          page.FormErrors
	Done                            string
	Me, Shown                       string
	ByLink, Delegate                bool
	When                            string // what the reader can do: ask, waiting, speaking, closed, none
	Place, PlaceText, PlaceWhy      string
	Mode, Lang                      page.Field
	Requests                        []myRequest
	OrderToken, ReplyToken, ItemNow string
}

// myRequest is a request of the reader's that waits.
type myRequest struct {
	N         int
	Token     string
	Text      string
	Statement bool
}

// seated reads a floor for somebody who takes part. ok is false for whoever does not: they are told how to get in.
func (room *Room) seated(w http.ResponseWriter, r *page.Request) (s *scene, say voice, v seatView, who Participant, ok bool, err error) {
	actor, err := room.o.Directory.Actor(r.Context(), r)
	if err != nil {
		return nil, say, v, who, false, err
	}
	s, say, v.floorView, err = room.look(r, func(tx *store.Tx, s *scene) error {
		who, v.ByLink, ok, err = room.sits(tx, r, actor, s)
		return err
	})
	// What depends on who sits here is nobody else's.
	w.Header().Set("Cache-Control", "no-store")
	return s, say, v, who, ok, err
}

func (room *Room) showSeat(w http.ResponseWriter, r *page.Request) error {
	return room.renderSeat(w, r, http.StatusOK, nil)
}

var seatDone = []string{"asked", "withdrawn", "written"}

func (room *Room) renderSeat(w http.ResponseWriter, r *page.Request, status int, errs page.FormErrors) error {
	s, say, v, who, ok, err := room.seated(w, r)
	if err != nil {
		return err
	}
	if !ok {
		return room.pages.out.RenderStatus(noStore{w}, r, http.StatusForbidden, v.floorView)
	}
	v.Here += "/seat"
	v.Errors, v.Done = errs, page.Done(r, seatDone, "floor.done.")
	v.Me, v.Shown, v.Delegate = isolate(who.Label), say.shown(who), who.Delegate
	v.PlaceText = say.text("floor.mine.place", "N", "{n}")
	v.When = "none"
	if v.Board.Floor {
		v.When = "closed"
	}
	if v.Board.Open {
		v.When = "ask"
	}
	for i, p := range s.order(s.Item, room.o.Clock()) {
		if p.Participant.ID != who.ID {
			continue
		}
		v.mine = append(v.mine, p.Request.N)
		m := myRequest{N: p.Request.N, Statement: p.Kind == Statement}
		if m.Token, err = store.NewID(room.o.Random); err != nil {
			return err
		}
		m.Text = say.text("floor.withdraw." + string(p.Kind))
		v.Requests = append(v.Requests, m)
		if v.When != "waiting" {
			v.When = "waiting"
			v.Place, v.PlaceWhy = say.text("floor.mine.place", "N", i+1), say.whys(p)+" · "+say.wait(p.Wait)
		}
	}
	if sp := s.Speaking(); sp != nil && sp.Participant == who.ID {
		v.When = "speaking"
		v.mine = append(v.mine, sp.Request)
	}
	if v.OrderToken, err = store.NewID(room.o.Random); err != nil {
		return err
	}
	if v.ReplyToken, err = store.NewID(room.o.Random); err != nil {
		return err
	}
	v.Mode = say.modes(who.Mode)
	v.Lang = say.langs(who.Langs, first(who.Langs))
	return room.pages.seat.RenderStatus(noStore{w}, r, status, v)
}

// shown says to a participant how they are shown.
func (v voice) shown(p Participant) string {
	switch p.Naming {
	case ByName:
		return v.text("floor.shown.name", "Name", isolate(p.Name))
	case ByCategory:
		return v.text("floor.shown.category", "Type", v.typ(p.Type))
	}
	return v.text("floor.shown.withheld")
}

func (v voice) modes(chosen Mode) page.Field {
	f := page.Field{Name: "mode", Label: v.text("floor.mode"), Value: string(chosen)}
	for _, m := range []Mode{InRoom, Remote} {
		f.Choices = append(f.Choices, page.Choice{Value: string(m), Text: v.text("floor.mode." + string(m))})
	}
	page.Choose(f.Choices, string(chosen))
	return f
}

func (v voice) langs(all []string, chosen string) page.Field {
	f := page.Field{Name: "lang", Label: v.text("floor.lang"), Value: chosen}
	for _, l := range all {
		f.Choices = append(f.Choices, page.Choice{Value: l, Text: v.language(l)})
	}
	page.Choose(f.Choices, chosen)
	return f
}

// acting reads a form of somebody who takes part.
func (room *Room) acting(w http.ResponseWriter, r *page.Request) (form map[string][]string, who Participant, err error) {
	form, err = page.ReadForm(w, r, maxForm)
	if err != nil {
		return nil, who, err
	}
	_, _, _, who, ok, err := room.seated(w, r)
	if err == nil && !ok {
		err = errNotIn
	}
	return form, who, err
}

func (room *Room) doAsk(w http.ResponseWriter, r *page.Request) error {
	_, who, err := room.acting(w, r)
	if err != nil {
		return err
	}
	f := r.PostForm
	err = room.Ask(r.Context(), dialogueOf(r), who.ID, f.Get("token"), Asking{Kind(f.Get("kind")), Mode(f.Get("mode")), f.Get("lang")})
	return room.answered(w, r, err, "asked")
}

func (room *Room) doWithdraw(w http.ResponseWriter, r *page.Request) error {
	_, who, err := room.acting(w, r)
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(r.PostForm.Get("n"))
	if err != nil {
		return page.Unreadable(err)
	}
	err = room.Withdraw(r.Context(), dialogueOf(r), who.ID, r.PostForm.Get("token"), n)
	return room.answered(w, r, err, "withdrawn")
}

// answered shows the seat after a form: what it did, or why it did nothing.
func (room *Room) answered(w http.ResponseWriter, r *page.Request, err error, done string) error {
	if err == nil {
		return r.Redirect(w, base(dialogueOf(r))+"/seat?done="+done)
	}
	errs, err := page.Explain(r, err)
	if err != nil {
		return err
	}
	return room.renderSeat(w, r, http.StatusConflict, errs)
}

type writeView struct {
	floorView
	Errors      page.FormErrors
	Where, Lead string
	Lang, Text  page.Field
}

func (room *Room) showWrite(w http.ResponseWriter, r *page.Request) error {
	return room.renderWrite(w, r, http.StatusOK, nil)
}

func (room *Room) renderWrite(w http.ResponseWriter, r *page.Request, status int, errs page.FormErrors) error {
	s, say, v, who, ok, err := room.seated(w, r)
	if err != nil {
		return err
	}
	if !ok {
		return room.pages.out.RenderStatus(noStore{w}, r, http.StatusForbidden, v.floorView)
	}
	if s.State != Open || s.Item == "" {
		return conflict("floor.problem.noitem")
	}
	chosen, text, token := first(who.Langs), "", v.Token
	if r.Method == http.MethodPost {
		chosen, text = r.PostForm.Get("lang"), r.PostForm.Get("text")
		if t := r.PostForm.Get("token"); validToken(t) {
			token = t
		}
	}
	v.Token = token
	view := writeView{floorView: v.floorView, Errors: errs, Where: v.Board.Where, Lead: say.text("floor.write.lead")}
	if slices.ContainsFunc(s.Requests, func(q Request) bool {
		return q.Participant == who.ID && q.Item == s.Item && q.Kind == Statement
	}) {
		view.Lead = say.text("floor.write.lead.waiting")
	}
	view.Lang = say.langs(who.Langs, chosen)
	view.Text = page.Field{Name: "text", Label: say.text("floor.write.text"), Hint: say.text("floor.write.hint"), Rows: 12, Max: MaxText, Value: text, Error: errs.Of("text")}
	return room.pages.write.RenderStatus(noStore{w}, r, status, view)
}

func (room *Room) doWrite(w http.ResponseWriter, r *page.Request) error {
	_, who, err := room.acting(w, r)
	if err != nil {
		return err
	}
	f := r.PostForm
	err = room.Write(r.Context(), dialogueOf(r), who.ID, f.Get("token"), f.Get("lang"), f.Get("text"))
	if err == nil {
		return r.Redirect(w, base(dialogueOf(r))+"/seat?done=written")
	}
	errs, err := page.Explain(r, err)
	if err != nil {
		return err
	}
	return room.renderWrite(w, r, http.StatusUnprocessableEntity, errs)
}

type inView struct {
	floorView
	Who, Shown, Key string
}

// showIn shows whose link was opened. It lets nobody in yet: programs open links in messages to check them.
func (room *Room) showIn(w http.ResponseWriter, r *page.Request) error {
	key := r.URL.Query().Get("key")
	var who Participant
	_, say, v, err := room.look(r, func(tx *store.Tx, s *scene) error {
		id, err := room.opened(tx, s.Dialogue, key)
		if err != nil {
			return err
		}
		var known bool
		if who, known = s.people[id]; !known {
			return errLink
		}
		return nil
	})
	if err != nil {
		return err
	}
	return room.pages.in.Render(noStore{w}, r, inView{v, isolate(who.Label), say.shown(who), key})
}

func (room *Room) doIn(w http.ResponseWriter, r *page.Request) error {
	form, err := page.ReadForm(w, r, maxForm)
	if err != nil {
		return err
	}
	if err := room.takeSeat(r.Context(), w, r, dialogueOf(r), form.Get("key")); err != nil {
		return err
	}
	return r.Redirect(w, base(dialogueOf(r))+"/seat")
}

func (room *Room) doLeave(w http.ResponseWriter, r *page.Request) error {
	if err := room.leaveSeat(r.Context(), w, r); err != nil {
		return err
	}
	return r.Redirect(w, base(dialogueOf(r)))
}

type linksView struct {
	floorView
	Done   string
	Made   *madeLink
	People []linkRow
}

type madeLink struct{ Who, Link string }

type linkRow struct {
	ID                string
	Who, Shown, Since string
}

func (room *Room) showLinks(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	return room.renderLinks(w, r, actor, nil)
}

func (room *Room) renderLinks(w http.ResponseWriter, r *page.Request, actor party.Actor, made *madeLink) error {
	v := linksView{Made: made, Done: page.Done(r, []string{"dropped"}, "floor.done.")}
	links := map[ParticipantID]string{}
	s, say, common, err := room.look(r, func(tx *store.Tx, s *scene) error {
		if err := party.Allow(actor, room.o.Run, s.held.scope()); err != nil {
			return err
		}
		all, err := room.links(tx, s.Dialogue)
		for id, since := range all {
			links[id] = r.Text("floor.links.since", "At", r.Instant(since.In(room.speak(r.Lang, s.held).zone)))
		}
		return err
	})
	if err != nil {
		return err
	}
	v.floorView = common
	for _, p := range s.sorted {
		v.People = append(v.People, linkRow{string(p.ID), isolate(p.Label), say.shown(p), links[p.ID]})
	}
	return room.pages.links.Render(noStore{w}, r, v)
}

func (room *Room) doLinks(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	form, err := page.ReadForm(w, r, maxForm)
	if err != nil {
		return err
	}
	id, who, drop := dialogueOf(r), ParticipantID(form.Get("participant")), form.Get("do") == "drop"
	var made *madeLink
	err = room.o.DB.Write(r.Context(), func(tx *store.Tx) error {
		s, _, err := room.readScene(tx, id, false)
		if err != nil {
			return err
		}
		if err := party.Allow(actor, room.o.Run, s.held.scope()); err != nil {
			return err
		}
		p, ok := s.people[who]
		if !ok {
			return page.Unreadable(errors.New("there is no such participant"))
		}
		if drop {
			return room.Unlink(tx, id, who)
		}
		path, err := room.Link(tx, id, who)
		made = &madeLink{isolate(p.Label), r.Base() + r.Link(path)}
		return err
	})
	if err != nil {
		return err
	}
	if drop {
		return r.Redirect(w, base(id)+"/links?done=dropped")
	}
	return room.renderLinks(w, r, actor, made)
}

// noStore keeps an answer out of the browser's cache: others may use the same phone.
type noStore struct{ http.ResponseWriter }

func (w noStore) WriteHeader(status int) {
	w.Header().Set("Cache-Control", "no-store")
	w.ResponseWriter.WriteHeader(status)
}
