package floor

// open opens the floor, in the morning and again in the afternoon.
func (w *work) open(_ Command, a *Act) error {
	if w.State == Open {
		return conflict("floor.problem.open")
	}
	if !w.held.Meets {
		return conflict("floor.problem.early")
	}
	w.State = Open
	return nil
}

// adjourn closes the floor: the speaker ends, all lists close. Whoever waits keeps their place for the next sitting.
func (w *work) adjourn(_ Command, a *Act) error {
	if err := w.needOpen(); err != nil {
		return err
	}
	if err := w.endAll(); err != nil {
		return err
	}
	for _, l := range w.Lists {
		if l.Open {
			l.Open = false
			if err := w.keepList(l); err != nil {
				return err
			}
		}
	}
	w.State = Closed
	return nil
}

// takeUp turns to an item of the programme. The list of the item before closes; who waits on it keeps their place, in
// case the chair returns to it.
func (w *work) takeUp(c Command, a *Act) error {
	if err := w.needOpen(); err != nil {
		return err
	}
	next, known := w.item(c.Item)
	if !known {
		return invalid("item", "floor.problem.item")
	}
	if c.Item == w.Item {
		return conflict("floor.problem.item.same")
	}
	if err := w.endAll(); err != nil {
		return err
	}
	list := w.List(c.Item) // with the settings of the item before, if it is new
	if w.Item != "" {
		before := w.List(w.Item)
		before.Open = false
		if err := w.keepList(before); err != nil {
			return err
		}
	}
	if len(next.Panel) == 0 {
		list.Phase = TourPhase
	}
	w.Item, a.Item = c.Item, c.Item
	return w.keepList(list)
}

func (w *work) openList(_ Command, a *Act) error { return w.turnList(true, "floor.problem.list.open") }
func (w *work) closeList(_ Command, a *Act) error {
	return w.turnList(false, "floor.problem.list.closed")
}

func (w *work) turnList(open bool, already string) error {
	if err := w.needItem(); err != nil {
		return err
	}
	list := w.List(w.Item)
	if list.Open == open {
		return conflict(already)
	}
	list.Open = open
	return w.keepList(list)
}

// turnPhase goes on from the panel to the tour de table, or back.
func (w *work) turnPhase(c Command, a *Act) error {
	if err := w.needItem(); err != nil {
		return err
	}
	list := w.List(w.Item)
	if c.Phase != PanelPhase && c.Phase != TourPhase || c.Phase == list.Phase {
		return conflict("floor.problem.phase")
	}
	list.Phase = c.Phase
	return w.keepList(list)
}

// The bounds of what the chair can set, in seconds and in persons.
const (
	minSeconds = 15
	maxSeconds = 3600
	maxPersons = 20
)

// setUp sets the times and the numbers of the rule for the item taken up. A turn that lasts keeps its time.
func (w *work) setUp(c Command, a *Act) error {
	if err := w.needItem(); err != nil {
		return err
	}
	for _, s := range []struct {
		field     string
		value     int
		low, high int
	}{
		{"statement", c.Settings.Statement, minSeconds, maxSeconds}, {"panel", c.Settings.Panel, minSeconds, maxSeconds},
		{"order", c.Settings.Order, minSeconds, maxSeconds}, {"reply", c.Settings.Reply, minSeconds, maxSeconds},
		{"pass", c.Settings.Pass, 1, maxPersons}, {"run", c.Settings.Run, 1, maxPersons},
	} {
		if s.value < s.low || s.value > s.high {
			return invalid(s.field, "floor.problem.number", "Low", s.low, "High", s.high)
		}
	}
	list := w.List(w.Item)
	list.Settings = c.Settings
	a.Seconds = c.Settings.Statement
	return w.keepList(list)
}

func (w *work) needOpen() error {
	if w.State != Open {
		return conflict("floor.problem.notopen")
	}
	return nil
}

func (w *work) needItem() error {
	if err := w.needOpen(); err != nil {
		return err
	}
	if w.Item == "" {
		return conflict("floor.problem.noitem")
	}
	return nil
}
