// Package live sends what changes to the pages that are open, as server-sent events.
//
// A page shows a topic (the floor of one dialogue, say) in a view: a language and a role. What changed is
// rendered once per view and published after the commit; every listener of that view gets the same bytes.
//
// No event is lost unseen. A listener that is too slow is closed; the browser connects again by itself, says
// which event it saw last, and gets what it missed from the topic's ring, or the event "reload" when the ring
// does not reach back that far. The same closes the gap between the rendering of a page and its connection:
// the page carries Hub.Last, taken before its rows were read, as ?last=.
//
// A browser gives up for good on an answer other than 200, so the page's script tries again after a 503.
package live

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"rostrum.example/internal/store"
)

// View is one way to see a topic, as in "ar.stakeholder": all who share it get the same bytes.
type View string

const (
	buffer    = 8                // events that wait for one listener; one more and it is closed
	heartbeat = 20 * time.Second // between comments that keep proxies from closing the connection
	patience  = 10 * time.Second // for one write
	ringBytes = 256 << 10        // kept for those who reconnect, for each topic and view
	idleBeats = 30               // heartbeats after which a ring without listeners and events goes
	inboxSize = 1024             // published events that wait for the hub
)

// Options say how a hub works.
type Options struct {
	// Listeners bounds the connections of this instance; 0 means 10,000. One costs about 25 kB.
	Listeners int
	// Ring bounds the events kept for those who reconnect, for each topic and view; 0 means 64.
	Ring int
	// Random spreads the reconnections.
	Random io.Reader
	// Log receives what goes wrong; nil discards it.
	Log *slog.Logger
}

// Hub passes events to listeners. Its methods may be called from any goroutine.
type Hub struct {
	o    Options
	boot string

	// The inbox is apart, so that Publish never waits for the listeners.
	inbox struct {
		sync.Mutex
		events   []event
		overflow bool
	}
	wake chan struct{}
	quit chan struct{}
	done chan struct{}

	mu         sync.Mutex
	closed     bool
	streams    map[key]*stream
	generation int // counts the rings with events that went
	count      int

	closing  atomic.Bool
	slow     atomic.Uint64
	refused  atomic.Uint64
	received atomic.Uint64
}

type key struct {
	topic string
	view  View
}

type event struct {
	key
	id    string
	frame []byte
}

// stream is one topic in one view.
type stream struct {
	listeners []*listener
	ring      []event // the latest events, oldest first
	bytes     int     // in the ring
	start     string  // the id that stands for the state before the first event
	evicted   bool    // the ring no longer reaches back to the start
	idle      int     // heartbeats since there was a listener or an event
}

// listener is one connection. The hub sends to frames and closes it; whoever serves the connection reads.
type listener struct {
	stream *stream
	index  int // in stream.listeners; -1 when the hub has let it go
	frames chan []byte
	rc     *http.ResponseController
}

// NewHub starts a hub.
func NewHub(o Options) (*Hub, error) {
	if o.Listeners <= 0 {
		o.Listeners = 10_000
	}
	if o.Ring <= 0 {
		o.Ring = 64
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	boot, err := store.NewID(o.Random)
	if err != nil {
		return nil, fmt.Errorf("starting the hub of live pages: %w", err)
	}
	h := &Hub{o: o, boot: boot, wake: make(chan struct{}, 1), quit: make(chan struct{}), done: make(chan struct{}), streams: map[key]*stream{}}
	go h.run()
	return h, nil
}

// Publish sends an event to all listeners of a topic in a view. It is called after the commit that caused the
// event, as from Tx.OnCommit: it only puts the event down and never waits. data is copied. id must be new in
// the topic and view, such as the number of the change; it comes back as Last-Event-ID.
func (h *Hub) Publish(topic string, view View, name, id string, data []byte) error {
	if topic == "" || view == "" {
		return fmt.Errorf("publishing an event: %w", errTopic)
	}
	f, err := frame(name, id, data)
	if err != nil {
		return fmt.Errorf("publishing an event of %s: %w", topic, err)
	}
	h.inbox.Lock()
	if len(h.inbox.events) < inboxSize {
		h.inbox.events = append(h.inbox.events, event{key{topic, view}, id, f})
	} else {
		h.inbox.overflow = true
	}
	h.inbox.Unlock()
	select {
	case h.wake <- struct{}{}:
	default:
	}
	return nil
}

// Last is the id of the newest event of a topic in a view, or one that stands for "none yet". A page takes it
// before it reads its rows and connects with it; what happens in between reaches it then.
func (h *Hub) Last(topic string, view View) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	s := h.streams[key{topic, view}]
	switch {
	case s == nil:
		return h.startID()
	case len(s.ring) == 0:
		return s.start
	default:
		return s.ring[len(s.ring)-1].id
	}
}

// startID stands for "no event yet" of a stream that begins now. It changes when a ring with events goes, so
// that it is not taken for the start of a later ring.
func (h *Hub) startID() string { return fmt.Sprintf("%s.%d", h.boot, h.generation) }

// Stats are counts for metrics.
type Stats struct {
	// Listeners are connected now.
	Listeners int
	// Events were passed on, Slow listeners closed because they did not keep up, Refused sent away because
	// there were too many; all since the start.
	Events, Slow, Refused uint64
}

// Stats counts what the hub does.
func (h *Hub) Stats() Stats {
	h.mu.Lock()
	defer h.mu.Unlock()
	return Stats{h.count, h.received.Load(), h.slow.Load(), h.refused.Load()}
}

// Close ends all connections and takes no more. It is called before http.Server.Shutdown, which would wait for
// the listeners otherwise.
func (h *Hub) Close() {
	h.closing.Store(true)
	h.mu.Lock()
	if h.closed {
		h.mu.Unlock()
		return
	}
	h.closed = true
	for _, s := range h.streams {
		for len(s.listeners) > 0 {
			l := s.listeners[0]
			// A listener that does not read must not hold up the stop.
			l.rc.SetWriteDeadline(time.Now().Add(time.Second))
			h.letGo(l)
		}
	}
	h.mu.Unlock()
	close(h.quit)
	<-h.done
}

// run passes events on and beats, in one goroutine for all listeners.
func (h *Hub) run() {
	defer close(h.done)
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for {
		select {
		case <-h.quit:
			return
		case <-beat.C:
			h.beat()
		case <-h.wake:
			h.inbox.Lock()
			events, overflow := h.inbox.events, h.inbox.overflow
			h.inbox.events, h.inbox.overflow = nil, false
			h.inbox.Unlock()
			for _, e := range events {
				h.pass(e)
			}
			if overflow {
				h.forget()
			}
		}
	}
}

// pass sends one event to its listeners and keeps it in the ring.
func (h *Hub) pass(e event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return
	}
	h.received.Add(1)
	s := h.stream(e.key)
	s.idle = 0
	s.ring = append(s.ring, e)
	s.bytes += len(e.frame)
	for len(s.ring) > h.o.Ring || s.bytes > ringBytes && len(s.ring) > 1 {
		s.bytes -= len(s.ring[0].frame)
		s.ring[0] = event{}
		s.ring, s.evicted = s.ring[1:], true
	}
	for i := 0; i < len(s.listeners); {
		l := s.listeners[i]
		select {
		case l.frames <- e.frame:
			i++
		default: // letGo moves another listener into this place
			h.slow.Add(1)
			h.letGo(l)
		}
	}
}

var comment = []byte(":\n\n")

// beat sends a comment to every listener that has room for one, and lets old rings go.
func (h *Hub) beat() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for k, s := range h.streams {
		for _, l := range s.listeners {
			select {
			case l.frames <- comment:
			default: // something waits for it already
			}
		}
		if len(s.listeners) > 0 {
			s.idle = 0
		} else if s.idle++; s.idle >= idleBeats {
			delete(h.streams, k)
			if len(s.ring) > 0 {
				h.generation++
			}
		}
	}
}

// forget closes all listeners and drops all rings: more was published than could be passed on, so everyone
// reloads.
func (h *Hub) forget() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.o.Log.Error("more events were published than can be passed on; all live pages reload", "listeners", h.count)
	for _, s := range h.streams {
		for len(s.listeners) > 0 {
			h.letGo(s.listeners[0])
		}
	}
	clear(h.streams)
	h.generation++
}

func (h *Hub) stream(k key) *stream {
	s := h.streams[k]
	if s == nil {
		s = &stream{start: h.startID()}
		h.streams[k] = s
	}
	return s
}

// join adds a listener and gives what it missed since the event last; "" is a new listener that missed
// nothing. It is nil when there is no room.
func (h *Hub) join(k key, last string, rc *http.ResponseController) (l *listener, missed [][]byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed || h.count >= h.o.Listeners {
		h.refused.Add(1)
		return nil, nil
	}
	h.count++
	s := h.stream(k)
	l = &listener{stream: s, index: len(s.listeners), frames: make(chan []byte, buffer), rc: rc}
	s.listeners = append(s.listeners, l)
	return l, s.since(last)
}

// since gives the frames after the event last, or one that says "reload".
func (s *stream) since(last string) [][]byte {
	from := -1
	switch {
	case last == "":
		return nil
	case last == s.start && !s.evicted:
		from = 0
	default:
		for i, e := range s.ring {
			if e.id == last {
				from = i + 1
				break
			}
		}
	}
	if from < 0 {
		id := s.start
		if n := len(s.ring); n > 0 {
			id = s.ring[n-1].id
		}
		f, err := frame("reload", id, []byte("reload"))
		if err != nil {
			panic(err) // both are ours
		}
		return [][]byte{f}
	}
	var frames [][]byte
	for _, e := range s.ring[from:] {
		frames = append(frames, e.frame)
	}
	return frames
}

// leave removes a listener whose connection has ended.
func (h *Hub) leave(l *listener) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if l.index >= 0 {
		h.letGo(l)
	}
}

// letGo removes a listener and ends its channel. The hub's lock is held.
func (h *Hub) letGo(l *listener) {
	all := l.stream.listeners
	other := all[len(all)-1]
	all[l.index], other.index = other, l.index
	all[len(all)-1] = nil
	l.stream.listeners = all[:len(all)-1]
	l.index = -1
	close(l.frames)
	h.count--
}
