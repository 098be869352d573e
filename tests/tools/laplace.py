"""Whether noise is Laplace noise of a scale."""

from scipy.stats import kstest


def fits_laplace(noise, scale):
    return kstest(noise, "laplace", args=(0, scale)).pvalue > 1e-4
