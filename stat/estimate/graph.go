package estimate

import "math/bits"

// graph is a decomposable graph on the lists, by its cliques and separators,
// each a bit pattern. The empty separator (of unconnected parts) counts too.
type graph struct {
	cliques    []int
	separators []int
}

// decomposable lists all decomposable graphs on t lists but the complete one,
// which says nothing about the number of people in no list: 1 for two lists, 7
// for three, 60 for four, 821 for five, 18,153 for six.
func decomposable(t int) []graph {
	var pairs []int
	for j := range t {
		for i := range j {
			pairs = append(pairs, 1<<i|1<<j)
		}
	}
	var out []graph
	adjacent := make([]int, t)
	for edges := range 1<<len(pairs) - 1 {
		clear(adjacent)
		for rest := edges; rest != 0; rest &= rest - 1 {
			pair := pairs[bits.TrailingZeros(uint(rest))]
			i, j := bits.TrailingZeros(uint(pair)), bits.Len(uint(pair))-1
			adjacent[i] |= 1 << j
			adjacent[j] |= 1 << i
		}
		if g, ok := decompose(adjacent); ok {
			out = append(out, g)
		}
	}
	return out
}

// decompose orders the vertices by maximum cardinality search (Tarjan &
// Yannakakis 1984). The graph is decomposable if and only if the neighbours
// that come before each vertex are joined among themselves; then they and the
// vertex are a clique or part of one, and the separators follow (Blair &
// Peyton 1993).
func decompose(adjacent []int) (graph, bool) {
	var g graph
	done, previous := 0, -1
	for range adjacent {
		next, most := -1, -1
		for v := range adjacent {
			if done>>v&1 == 0 {
				if n := bits.OnesCount(uint(adjacent[v] & done)); n > most {
					next, most = v, n
				}
			}
		}
		before := adjacent[next] & done
		for rest := before; rest != 0; rest &= rest - 1 {
			v := bits.TrailingZeros(uint(rest))
			if before&^(1<<v)&^adjacent[v] != 0 {
				return graph{}, false
			}
		}
		// The count of earlier neighbours grows by one within a clique and
		// stops growing where a new clique begins.
		if previous >= 0 && most <= previous {
			g.separators = append(g.separators, before)
			g.cliques = append(g.cliques, before|1<<next)
		} else if len(g.cliques) == 0 {
			g.cliques = append(g.cliques, 1<<next)
		} else {
			g.cliques[len(g.cliques)-1] = before | 1<<next
		}
		previous = most
		done |= 1 << next
	}
	return g, true
}
