package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/pprof"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Listen says where the instance is served.
type Listen struct {
	// Public is the address for readers; Private, if not empty, the one for metrics and profiles.
	Public, Private string
	// Ready is called once, when the instance answers.
	Ready func(Ready)
}

// Ready tells where an instance that answers can be reached.
type Ready struct {
	Address string      `json:"address"`
	Links   []ReadyLink `json:"links"`
}

// ReadyLink is a link for a person to open.
type ReadyLink struct {
	Name string `json:"name"`
	URL  string `json:"url"`
}

// stopFor is how long a stop waits for the answers that are under way.
const stopFor = 10 * time.Second

// open makes a seated house the one that answers, and starts its loops if the instance is being served.
func (a *App) open(h *house) {
	a.house.Store(h)
	select {
	case a.opened <- h:
	default:
	}
}

// ServeHTTP answers for the instance: its house, or the set-up page while there is none.
func (a *App) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/healthz" {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		if a.house.Load() == nil {
			fmt.Fprintln(w, `{"status":"waiting to be set up"}`)
			return
		}
		fmt.Fprintln(w, `{"status":"ok"}`)
		return
	}
	if h := a.house.Load(); h != nil {
		h.handler.ServeHTTP(w, r)
		return
	}
	a.setup.site.Guard(a.setup.site).ServeHTTP(w, r)
}

// Serve answers until ctx ends, then lets what is under way finish.
func (a *App) Serve(ctx context.Context, l Listen) error {
	listener, err := net.Listen("tcp", l.Public)
	if err != nil {
		return fmt.Errorf("listening on %s: %w; choose another address with --listen", l.Public, err)
	}
	server := &http.Server{
		Handler: a, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 32 << 10,
		ReadTimeout: 5 * time.Minute, WriteTimeout: 5 * time.Minute,
	}
	servers := []*http.Server{server}
	loops, stop := context.WithCancel(ctx)
	defer stop()
	var running sync.WaitGroup
	failed := make(chan error, 8)
	start := func(fn func() error) {
		running.Add(1)
		go func() {
			defer running.Done()
			if err := fn(); err != nil && !errors.Is(err, http.ErrServerClosed) {
				select {
				case failed <- err:
				default:
				}
			}
		}()
	}
	if l.Private != "" {
		private, err := net.Listen("tcp", l.Private)
		if err != nil {
			listener.Close()
			return fmt.Errorf("listening on %s: %w; choose another address with --private", l.Private, err)
		}
		p := &http.Server{Handler: a.privateHandler(), ReadHeaderTimeout: 10 * time.Second}
		servers = append(servers, p)
		start(func() error { return p.Serve(private) })
	}
	start(func() error { return server.Serve(listener) })
	if h := a.house.Load(); h != nil {
		a.open(h)
	}
	ready := a.Ready(listener.Addr())
	a.servedAt.Store(&ready.Address)
	if l.Ready != nil {
		l.Ready(ready)
	}
	var result error
wait:
	for {
		select {
		case h := <-a.opened:
			for _, loop := range h.background {
				start(func() error { return loop(loops) })
			}
		case <-ctx.Done():
			break wait
		case result = <-failed:
			break wait
		}
	}
	if h := a.house.Load(); h != nil {
		h.hub.Close() // those who listen for events would keep the stop waiting
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopFor)
	defer cancel()
	for _, s := range servers {
		if err := s.Shutdown(grace); err != nil {
			s.Close()
		}
	}
	stop()
	running.Wait()
	return result
}

// Ready tells where people can go at an address; nil stands for the usual one. Passkeys refuse bare addresses, so a loopback address is named localhost.
func (a *App) Ready(addr net.Addr) Ready {
	host, port := "localhost", "8053"
	if addr != nil {
		host, port, _ = net.SplitHostPort(addr.String())
	}
	if ip := net.ParseIP(host); ip != nil && (ip.IsLoopback() || ip.IsUnspecified()) {
		host = "localhost"
	}
	r := Ready{Address: "http://" + net.JoinHostPort(host, port)}
	if a.house.Load() == nil {
		r.Links = append(r.Links, ReadyLink{"Set it up", r.Address + "/setup?key=" + url.QueryEscape(a.setup.key)})
		return r
	}
	r.Links = append(r.Links, ReadyLink{"First page", r.Address + "/"})
	if strings.HasPrefix(a.house.Load().settings.Origin, demoOrigin) {
		r.Links = append(r.Links, ReadyLink{"A trace", r.Address + demoTrace})
		if a.entrance != "" {
			r.Links = append(r.Links, ReadyLink{"Enter as officer", r.Address + a.entrance})
		}
	}
	return r
}

// privateHandler serves what operators look at and readers must not.
func (a *App) privateHandler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/metrics", a.metrics())
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	return mux
}
