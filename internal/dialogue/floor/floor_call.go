package floor

import (
	"slices"
)

// call gives the floor to somebody who asked, or to a panellist. Whoever is not next by the rule is called with a
// reason. A point of order interrupts the speaker; everybody else is called when the turn before has ended, and ends
// it.
func (w *work) call(c Command, a *Act) error {
	if err := w.needItem(); err != nil {
		return err
	}
	if c.Panellist > 0 {
		return w.callPanellist(c, a)
	}
	r, err := w.request(c.Request)
	if err != nil {
		return err
	}
	if r.Item != w.Item {
		return conflict("floor.problem.gone")
	}
	order := w.order(w.Item, w.now)
	at := slices.IndexFunc(order, func(p Placed) bool { return p.Request.N == r.N })
	p := order[at].Participant
	a.about(p)
	a.Request = r.N
	if a.Before = at; at > 0 {
		a.What = CalledFirst
		if err := a.needReason(); err != nil {
			return err
		}
	} else {
		a.Reason = ""
	}
	if err := w.endRequest(r.N, "called"); err != nil {
		return err
	}
	return w.begin(p, r.Kind, r.Mode, r.Lang, r.N)
}

// callPanellist gives the floor to a panellist or moderator of the programme.
func (w *work) callPanellist(c Command, a *Act) error {
	item, _ := w.item(w.Item)
	if c.Panellist > len(item.Panel) {
		return conflict("floor.problem.gone")
	}
	who := item.Panel[c.Panellist-1]
	a.Naming, a.Who, a.Reason = ByName, who.Name, ""
	p := Participant{Name: who.Name, Naming: ByName}
	// A panellist who also takes part is one person: their time counts.
	if i := slices.IndexFunc(w.sorted, func(p Participant) bool { return p.Naming == ByName && p.Name == who.Name }); i >= 0 {
		p = w.sorted[i]
	}
	return w.begin(p, Panel, InRoom, "", 0)
}

// callOut gives the floor to a participant who has not asked for it.
func (w *work) callOut(c Command, a *Act) error {
	if err := w.needItem(); err != nil {
		return err
	}
	p, ok := w.people[c.Participant]
	if !ok {
		return invalid("participant", "floor.problem.participant")
	}
	if err := a.needReason(); err != nil {
		return err
	}
	a.about(p)
	a.Before = len(w.order(w.Item, w.now))
	return w.begin(p, Statement, p.Mode, first(p.Langs), 0)
}

func first(all []string) string {
	if len(all) == 0 {
		return ""
	}
	return all[0]
}

// begin begins a turn. All others end, but for the one that a point of order interrupts.
func (w *work) begin(p Participant, k Kind, m Mode, lang string, request int) error {
	if k == PointOfOrder {
		for i := range w.Speeches {
			if err := w.halt(&w.Speeches[i]); err != nil {
				return err
			}
		}
	} else if err := w.endAll(); err != nil {
		return err
	}
	w.counters.begun++
	s := Speech{
		N: w.counters.begun, Item: w.Item, Request: request, Participant: p.ID, Person: p.Person, Speaker: p.Speaker(), Kind: k,
		Naming: p.Naming, Type: p.shownType(), Mode: m, Lang: lang, Allotted: w.List(w.Item).Settings.Of(k), Began: w.now, Since: w.now,
	}
	if p.ID == "" {
		s.Speaker = "panellist:" + p.Name
	}
	if p.Naming == ByName {
		s.Who = p.Name
	}
	w.Speeches = append(w.Speeches, s)
	return w.insertTurn(s)
}

// halt stops the clock of a turn that runs.
func (w *work) halt(s *Speech) error {
	if s.Since.IsZero() {
		return nil
	}
	to := w.now
	if to.Before(s.Since) { // the clock was set back
		to = s.Since
	}
	s.Spans, s.Since = append(s.Spans, Span{s.Since, to}), zero
	return w.keepTurn(s)
}

// end ends a turn and enters it in the public record.
func (w *work) end(s *Speech) error {
	if err := w.halt(s); err != nil {
		return err
	}
	s.Ended = s.Spans[len(s.Spans)-1].To
	var err error
	if s.Entry, err = w.enterTurn(s); err != nil {
		return err
	}
	return w.keepTurn(s)
}

func (w *work) endAll() error {
	for i := range w.Speeches {
		if s := &w.Speeches[i]; s.Lasts() {
			if err := w.end(s); err != nil {
				return err
			}
		}
	}
	return nil
}

// speaking gives the turn that lasts and notes in the act whose it is.
func (w *work) speaking(a *Act) (*Speech, error) {
	s := w.Speaking()
	if s == nil {
		return nil, conflict("floor.problem.nobody")
	}
	a.participant, a.Naming, a.Type, a.Who, a.Request = s.Participant, s.Naming, s.Type, s.Who, s.Request
	return s, nil
}

func (w *work) pause(_ Command, a *Act) error {
	s, err := w.speaking(a)
	if err != nil {
		return err
	}
	if s.Since.IsZero() {
		return conflict("floor.problem.paused")
	}
	return w.halt(s)
}

func (w *work) resume(_ Command, a *Act) error {
	s, err := w.speaking(a)
	if err != nil {
		return err
	}
	if !s.Since.IsZero() {
		return conflict("floor.problem.runs")
	}
	s.Since = w.now
	return w.keepTurn(s)
}

// stop ends the turn. One that it interrupted waits, paused, for the chair to resume it.
func (w *work) stop(_ Command, a *Act) error {
	s, err := w.speaking(a)
	if err != nil {
		return err
	}
	a.Seconds = s.Seconds(w.now)
	return w.end(s)
}

// extend gives the speaker more time.
func (w *work) extend(c Command, a *Act) error {
	s, err := w.speaking(a)
	if err != nil {
		return err
	}
	if c.Seconds < minSeconds || c.Seconds > maxSeconds {
		return invalid("seconds", "floor.problem.number", "Low", minSeconds, "High", maxSeconds)
	}
	s.Allotted += c.Seconds
	a.Seconds = c.Seconds
	return w.keepTurn(s)
}

// move puts a request before all others but points of order.
func (w *work) move(c Command, a *Act) error {
	return w.override(c, a, func(r *Request, at int) error {
		if a.Before = at; at == 0 {
			return conflict("floor.problem.first")
		}
		r.Moved = w.Desk + 1
		return w.keepRequest(r)
	})
}

// skip passes a request over until somebody else has spoken.
func (w *work) skip(c Command, a *Act) error {
	return w.override(c, a, func(r *Request, _ int) error {
		r.Held, r.Moved = w.begun(r.Item)+1, 0
		return w.keepRequest(r)
	})
}

// remove takes a request off the list.
func (w *work) remove(c Command, a *Act) error {
	return w.override(c, a, func(r *Request, _ int) error { return w.endRequest(r.N, "removed") })
}

func (w *work) override(c Command, a *Act, do func(*Request, int) error) error {
	r, err := w.request(c.Request)
	if err != nil {
		return err
	}
	if err := a.needReason(); err != nil {
		return err
	}
	a.about(w.people[r.Participant])
	a.Request, a.Item = r.N, r.Item
	at := slices.IndexFunc(w.order(r.Item, w.now), func(p Placed) bool { return p.Request.N == r.N })
	return do(r, at)
}

// replyNow takes a right of reply at once; rules of procedure leave the moment to the chair.
func (w *work) replyNow(c Command, a *Act) error {
	r, err := w.request(c.Request)
	if err != nil {
		return err
	}
	if r.Kind != Reply || r.Granted {
		return conflict("floor.problem.gone")
	}
	a.about(w.people[r.Participant])
	a.Request, a.Item = r.N, r.Item
	r.Granted = true
	return w.keepRequest(r)
}
