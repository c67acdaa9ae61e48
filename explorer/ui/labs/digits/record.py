"""What a person sees of the chapter on handwritten digits: the views in the order in which a learner needs them."""

from explorer.ui.labs.laboratory import Laboratory, LaboratoryView
from models.errors import N_

LAYERS = "explorer.ui.frame.run_caches:layers_of"
NUMBERS = "explorer.ui.labs.digits.explained_numbers:numbers"

LABORATORY = Laboratory(
    title=N_("Handwritten digits"),
    question=N_("What does each kernel look for, and what does each layer make of a digit?"),
    sample="explorer.ui.labs.digits.digit_choice:digit_choice",
    cover="explorer.ui.labs.digits.cover:cover",
    invitation=N_("New here? Begin with a digit: choose or draw one, and watch every layer answer."),
    views=(
        LaboratoryView(
            "network",
            N_("Network"),
            N_("What does each kernel look for, and what does each layer make of a digit?"),
            (
                N_(
                    "A kernel is a small window of weights. It slides over the picture, and at each place the weighted"
                    " sum of what it covers becomes one pixel of a feature map: bright where the picture looks like the"
                    " kernel."
                ),
                N_(
                    "A layer has as many maps as kernels, and each kernel has one square of weights for"
                    " every map of the layer before. This network has {kernels} kernels, layer by layer, with squares"
                    " of {size}×{size}. Click a map: below it stands how each of its pixels was calculated."
                ),
                N_(
                    "{activation}; {pooling}. The dense layers weigh all maps together: the first has {hidden} units,"
                    " the last gives {classes} numbers, and softmax makes probabilities of them."
                ),
            ),
            draws="explorer.ui.labs.digits.views.network:network",
            numbers=NUMBERS,
            precompute=LAYERS,
        ),
        LaboratoryView(
            "sandbox",
            N_("Sandbox"),
            N_("What happens when kernel, stride, padding and dilation change?"),
            (
                N_(
                    "Here the kernel is yours: choose a classic one or write its numbers. Stride is how far"
                    " the window moves, padding how wide the empty margin around the picture is, dilation how"
                    " far apart the kernel's cells lie. The formula gives the size of the result; a"
                    " combination that cannot work is explained."
                ),
                N_(
                    "Pooling has no weights: it keeps the largest value of each window, or the mean. A picture that"
                    " moves by one pixel changes the pooled map less than the picture itself."
                ),
            ),
            draws="explorer.ui.labs.digits.views.sandbox:sandbox",
        ),
        LaboratoryView(
            "maps",
            N_("Kernels and maps"),
            N_("Which pictures excite a map most, and which pixels decide?"),
            (
                N_(
                    "Every map of a layer has a picture of the test set that excites it most: together they show what"
                    " it has learnt to look for. A map that is zero for every picture is dead."
                ),
                N_(
                    "Saliency is the gradient of a score by each pixel: how much the score would move if the pixel did."
                    " Integrated gradients add it up on the way from an empty sheet to the digit, so that the parts sum"
                    " to the score's whole change. Gradient ascent starts from grey and changes the pixels, not the"
                    " weights, until a map is excited as much as possible."
                ),
            ),
            draws="explorer.ui.labs.digits.views.maps:maps",
            precompute=LAYERS,
        ),
        LaboratoryView(
            "growing",
            N_("Growing up"),
            N_("How do kernels and maps come into being while the network learns?"),
            (
                N_(
                    "Each frame is a checkpoint of the training: the kernels begin as random numbers and become"
                    " detectors of edges and strokes. The colours mean the same numbers in every frame, so that growth"
                    " is seen. Played, each frame stays the longer the more changes until the next: equal times show"
                    " equal changes."
                ),
            ),
            draws="explorer.ui.labs.digits.views.growing:growing",
            pace="explorer.ui.labs.digits.growth:checkpoint_seconds",
        ),
        LaboratoryView(
            "dropout",
            N_("Dropout"),
            N_("What does the network do when some of its units are silenced at random?"),
            (
                N_(
                    "During training each hidden unit is silenced with probability p (here p = {dropout}), drawn anew"
                    " in each step, and the others are multiplied by 1/(1 − p). So no unit can rely on another one."
                    " When the network is used, dropout is off and nothing is random."
                ),
            ),
            draws="explorer.ui.labs.digits.views.dropout:dropout",
            numbers=NUMBERS,
        ),
        LaboratoryView(
            "softmax",
            N_("Softmax"),
            N_("How do ten scores become ten probabilities, and what went wrong in the book's code?"),
            (
                N_(
                    "The number e is raised to the power of each score (logit), and each result is divided"
                    " by the sum of all ten: they become positive and add up to one. The loss is computed"
                    " from their logarithms."
                ),
                N_(
                    "The book's code takes the sum over the pictures of a batch (dim=0) and not over the ten classes"
                    " (dim=1). For one picture alone every probability is then 1."
                ),
            ),
            draws="explorer.ui.labs.digits.views.softmax:softmax",
        ),
        LaboratoryView(
            "quality",
            N_("How good is it?"),
            N_("Which digits does the network confuse, and how sure is it when it is wrong?"),
            (
                N_(
                    "The confusion matrix counts how often each digit is taken for each other digit; a cell"
                    " opens its pictures. Precision is the share of right answers among all answers with that"
                    " digit, recall the share of a digit's pictures that are recognised."
                ),
            ),
            draws="explorer.ui.labs.digits.views.quality:quality",
            redraws=True,
        ),
        LaboratoryView(
            "robustness",
            N_("Robustness"),
            N_("How far may a digit be shifted, turned or scaled before the network fails?"),
            (
                N_(
                    "The book shifts one picture by three pixels. Here the pictures of the test file are shifted by"
                    " every step from −6 to +6 in both directions, turned, scaled and made noisy, and each time the"
                    " share of right answers is counted: of some pictures for a first answer, of all to be exact."
                ),
            ),
            draws="explorer.ui.labs.digits.views.robustness:robustness",
            redraws=True,
        ),
        LaboratoryView(
            "loading",
            N_("Data loading"),
            N_("How do tens of thousands of pictures become batches?"),
            (
                N_(
                    "The dataset knows each picture by its number, the sampler gives the numbers in an order, and the"
                    " loader takes {batch} of them at a time, fetches the pictures and stacks them into one tensor: a"
                    " batch."
                ),
            ),
            draws="explorer.ui.labs.digits.views.loading:loading",
            numbers=NUMBERS,
        ),
        LaboratoryView(
            "training",
            N_("Training"),
            N_("What happens with other settings?"),
            (
                N_(
                    "One step of training looks at one batch: it computes the loss and its gradient with"
                    " respect to each weight, and moves the weights a little against the gradient. An epoch"
                    " is one pass over all training pictures. Validation pictures are never trained on: where"
                    " their loss rises while the training loss falls, the network learns by heart"
                    " (overfitting)."
                ),
            ),
            draws="explorer.ui.training.training_view:training_view",
            takes="run",
        ),
    ),
)
