package floor

import (
	"cmp"
	"slices"
	"time"
)

// board is what everybody sees of a floor, in the words of one language. It fills the pages and is sent to those that
// are open, so both say the same. docs/formats/floor.md describes its JSON.
type board struct {
	Change int64     `json:"change"`
	Sent   int64     `json:"sent"` // milliseconds since 1970, by the server's clock
	State  string    `json:"state"`
	Where  string    `json:"where"`           // item and phase
	Now    *nowView  `json:"now"`             // null while nobody has the floor
	Idle   string    `json:"idle"`            // what to say then
	Waits  []string  `json:"waits,omitempty"` // whose turn was interrupted
	Open   bool      `json:"open"`            // the list takes requests
	Floor  bool      `json:"floor"`           // an item is taken up, so that points of order can be raised
	Next   []nextRow `json:"next"`
	Empty  string    `json:"empty"`
	More   string    `json:"more"`
	Order  []int     `json:"order"` // the requests that wait, all of them
	Shares []share   `json:"shares"`
	Moves  []string  `json:"moves"`
	Moved  string    `json:"moved"` // the heading of Moves
}

type nowView struct {
	N        int    `json:"n"` // of the request
	Who      string `json:"who"`
	About    string `json:"about"`
	Kind     string `json:"kind"`
	Of       string `json:"of"`   // the words beside the time left,
	Past     string `json:"past"` // and those when none is left
	Used     int64  `json:"used"` // milliseconds, at Sent
	Allotted int    `json:"allotted"`
	Runs     bool   `json:"runs"`
	Clock    string `json:"clock"` // the time left at Sent
	Over     bool   `json:"over"`
	Done     int    `json:"done"` // seconds used, at most Allotted
}

type nextRow struct {
	N     int    `json:"n"`
	Place int    `json:"place"`
	Who   string `json:"who"`
	Why   string `json:"why"`
	Time  string `json:"time"`
	Wait  string `json:"wait"`
}

type share struct {
	Type    string `json:"type"`
	Time    string `json:"time"`
	Seconds int    `json:"seconds"`
	Most    int    `json:"most"`
}

// nextShown bounds the places that a board shows in words: what a reader can take in, and what a phone can load.
const nextShown = 12

// movesShown bounds the departures from the rule that a board shows.
const movesShown = 5

// board puts a scene into words.
func (v voice) board(s *scene, now time.Time) *board {
	b := &board{Change: s.Change, Sent: now.UnixMilli(), Next: []nextRow{}, Order: []int{}, Shares: []share{}, Moves: []string{}}
	b.State = v.text("floor.state." + cmp.Or(string(s.State), "before"))
	list := s.List(s.Item)
	if s.State == Open && s.Item != "" {
		item, _ := s.item(s.Item)
		b.Where = v.of(item.Title, string(item.ID)) + " · " + v.text("floor.phase."+string(list.Phase))
		b.Open, b.Floor = list.Open, true
	}
	b.Idle = v.text("floor.idle." + cmp.Or(string(s.State), "before"))
	if sp := s.Speaking(); sp != nil {
		b.Now = v.now(sp, now)
	}
	for _, sp := range s.Interrupted() {
		b.Waits = append(b.Waits, v.text("floor.interrupted", "Who", v.who(sp.Naming, sp.Who, sp.Type), "Left", clock(sp.Allotted-sp.Seconds(now))))
	}
	b.Empty = v.text("floor.next.closed")
	if list.Open {
		b.Empty = v.text("floor.next.nobody")
	}
	for i, p := range s.order(s.Item, now) {
		b.Order = append(b.Order, p.Request.N)
		if i < nextShown {
			b.Next = append(b.Next, v.row(p, i+1, list.Settings))
		}
	}
	if more := len(b.Order) - nextShown; more > 0 {
		b.More = v.count("floor.next.more", more)
	}
	b.Shares = v.shares(s, now)
	moves := 0
	for _, a := range s.Acts {
		if !a.What.Override() {
			continue
		}
		if moves++; moves <= movesShown {
			b.Moves = append(b.Moves, v.act(a))
		}
	}
	b.Moved = v.text("floor.moves.none")
	if moves > 0 {
		b.Moved = v.count("floor.moves", moves)
	}
	return b
}

func (v voice) now(s *Speech, now time.Time) *nowView {
	left := s.Allotted - s.Seconds(now)
	n := &nowView{
		N: s.Request, Who: v.who(s.Naming, s.Who, s.Type), About: v.about(s.Naming, s.Type, s.Mode, s.Lang), Used: s.Used(now).Milliseconds(),
		Allotted: s.Allotted, Runs: !s.Since.IsZero(), Clock: clock(left), Over: left < 0, Done: min(s.Seconds(now), s.Allotted),
	}
	n.Of = v.text("floor.left", "Time", v.span(s.Allotted))
	n.Past = v.text("floor.over", "Time", v.span(s.Allotted))
	if !n.Runs {
		n.Of = v.text("floor.paused", "Time", v.span(s.Allotted))
	}
	if s.Kind != Statement {
		n.Kind = v.text("floor.kind." + string(s.Kind))
	}
	return n
}

func (v voice) row(p Placed, place int, settings Settings) nextRow {
	return nextRow{
		N: p.Request.N, Place: place, Who: v.participant(p.Participant), Why: v.whys(p), Time: clock(settings.Of(p.Kind)), Wait: v.wait(p.Wait),
	}
}

// wait says in about how many minutes a turn comes; the rule may change it, so no more exactly.
func (v voice) wait(seconds int) string {
	if seconds < 45 {
		return v.text("floor.wait.now")
	}
	return v.count("floor.wait", (seconds+30)/60)
}

// shares adds up who has had the time in the whole dialogue, by type, most first.
func (v voice) shares(s *scene, now time.Time) []share {
	all := []share{}
	at := map[string]int{}
	for i := range s.Speeches {
		sp := &s.Speeches[i]
		if sp.Lasts() || sp.Kind == PointOfOrder {
			continue
		}
		name := v.typ(sp.Type)
		if sp.Participant == "" {
			name = v.text("floor.type.panel")
		}
		k, ok := at[name]
		if !ok {
			k = len(all)
			at[name] = k
			all = append(all, share{Type: name})
		}
		all[k].Seconds += sp.Seconds(now)
	}
	slices.SortStableFunc(all, func(a, b share) int { return cmp.Compare(b.Seconds, a.Seconds) })
	for i := range all {
		all[i].Most = max(1, all[0].Seconds)
		all[i].Time = v.span(all[i].Seconds)
		if all[i].Seconds >= 120 {
			all[i].Time = v.text("floor.span.min", "M", (all[i].Seconds+30)/60)
		}
	}
	return all
}
