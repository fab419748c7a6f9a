package ledger

import (
	"context"
	"fmt"
	"strings"
)

// Citable is what a wing says of a subject, so that others can cite it.
type Citable struct {
	Title string
	// Address is the path of its page.
	Address string
	// Text is what may be quoted from it; empty where nothing may.
	Text string
	// Version tells one state of the text from another.
	Version string
}

// Resolver answers for the subjects of one wing, and ErrNotFound for those it does not know.
type Resolver func(ctx context.Context, subject string) (Citable, error)

type registration struct {
	prefix  string
	resolve Resolver
}

// Register has a resolver answer for all subjects that begin with prefix and a slash ("dialogue"). The longest
// prefix wins.
func (l *Ledger) Register(prefix string, r Resolver) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.resolvers = append(l.resolvers, registration{prefix + "/", r})
}

// Resolve asks the wing of a subject what can be cited. It answers ErrNotFound where no wing answers for it.
func (l *Ledger) Resolve(ctx context.Context, subject string) (Citable, error) {
	var best registration
	l.mu.Lock()
	for _, r := range l.resolvers {
		if strings.HasPrefix(subject, r.prefix) && len(r.prefix) > len(best.prefix) {
			best = r
		}
	}
	l.mu.Unlock()
	if best.resolve == nil {
		return Citable{}, fmt.Errorf("subject %q: %w", subject, ErrNotFound)
	}
	c, err := best.resolve(ctx, subject)
	if err != nil {
		return Citable{}, fmt.Errorf("subject %q: %w", subject, err)
	}
	return c, nil
}
