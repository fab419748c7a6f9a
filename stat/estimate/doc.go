// Package estimate estimates how many people there are when several incomplete
// lists are all that is known: multiple systems estimation, also called
// capture-recapture.
//
// A [Table] counts people by the combination of lists that hold them; [Read]
// reads one from CSV. [Estimate] runs one method or all of them and gives a
// [Report], which renders as text ([Report.WriteText]), JSON
// ([Report.WriteJSON]) and HTML ([Report.HTML]). [Report.PublicCopy] is the
// report with small numbers withheld.
//
// # Methods
//
// Log-linear models of the counts: independent lists; stepwise selection with
// Poisson p-values (Chan, Silverman & Vincent 2021); least BIC over all
// hierarchical models, over models of pairs, or by walking downhill
// (Silverman, Chan & Vincent 2024). BIC is npars*log(people observed) -
// 2*loglik, where npars counts parameters at minus infinity. Averages over
// decomposable graphical models (Madigan & York 1997) and a latent class model
// (Manrique-Vallier 2016) are the Bayesian families. For two lists there is
// Chapman's estimate, and for any number of lists Chao's lower bound.
//
// # What is refused
//
// A number is "not estimable" only where the maximum-likelihood estimate does
// not exist or is not unique ([Code]); this is decided exactly, in integers.
// All other doubts are refusals: the number is computed, and the report says
// why it may not be published.
//
// # The same number everywhere
//
// Lists are put in an order of their own, every resample has a random stream
// made of the seed and its index, and sums are taken in a fixed order. So the
// same table, options and seed give the same report to the bit, whatever the
// order of columns and rows and whatever the number of processors.
//
// # Sources
//
//   - Bareiss, E. (1968). Sylvester's identity and multistep integer-preserving
//     Gaussian elimination. Mathematics of Computation 22.
//   - Binette, O. & Steorts, R. (2022). On the reliability of multiple systems
//     estimation for the quantification of modern slavery. JRSS A 185.
//   - Chan, L., Silverman, B. & Vincent, K. (2021). Multiple systems estimation
//     for sparse capture data. JASA 116.
//   - Chao, A. (1987). Estimating the population size for capture-recapture
//     data with unequal catchability. Biometrics 43.
//   - Chapman, D. (1951). Some properties of the hypergeometric distribution
//     with applications to zoological sample censuses.
//   - Efron, B. (1987). Better bootstrap confidence intervals. JASA 82.
//   - Fienberg, S. & Rinaldo, A. (2012). Maximum likelihood estimation in
//     log-linear models. Annals of Statistics 40.
//   - Hyndman, R. & Fan, Y. (1996). Sample quantiles in statistical packages.
//     The American Statistician 50.
//   - Madigan, D. & York, J. (1997). Bayesian methods for estimation of the size
//     of a closed population. Biometrika 84.
//   - Manrique-Vallier, D. (2016). Bayesian population size estimation using
//     Dirichlet process mixtures. Biometrics 72.
//   - Silverman, B., Chan, L. & Vincent, K. (2024). Bootstrapping multiple
//     systems estimates to account for model selection. Statistics and Computing 34.
//   - Vehtari, A., Gelman, A., Simpson, D., Carpenter, B. & Bürkner, P. (2021).
//     Rank-normalization, folding, and localization: an improved R-hat for
//     assessing convergence of MCMC. Bayesian Analysis 16.
package estimate
