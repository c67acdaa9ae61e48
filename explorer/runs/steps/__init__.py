"""The optimiser steps of a training, and what is known of them while it goes on."""
