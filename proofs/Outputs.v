(** * 出力層の誤差項（ステップ2）

    活性どうしが影響し合う出力層と、対になる組です。終わりに、本の活性化関数と損失を定理に入れて、
    微分についての仮定をなくします。 *)

From Coq Require Import Reals Lra Lia Arith.
From Coquelicot Require Import Coquelicot.
From Backprop Require Import Sums Curves Network Induction Gradients Functions.
Open Scope R_scope.

(** ** 一般の出力層 *)

(** 曲線に沿って微分できる関数は、幅の中の成分だけで決まる。 *)
Lemma same_value M F z g u : along_curves M F z g -> (forall k, k ∈ M -> u k = z k) -> F u = F z.
Proof.
  intros along same. set (c := fun s : R => if Req_EM_T s 0 then u else z).
  assert (jump : is_derive (fun s : R => F (c s)) 0 (Σ k ≤ M, (g k * 0))).
  { apply (along c (fun _ => 0)); intros k inside; unfold c.
    - destruct (Req_EM_T 0 0); [apply same; exact inside|contradiction].
    - apply is_derive_ext with (fun _ => z k); [|apply (is_derive_const (V := R_NormedModule))].
      intros s. destruct (Req_EM_T s 0); [symmetry; apply same; exact inside|reflexivity]. }
  rewrite sum_scale_r, Rmult_0_r in jump.
  destruct (Req_dec (F u) (F z)) as [|different]; [assumption|exfalso].
  destruct (proj1 (small_rest _ _ _) jump 1 Rlt_0_1) as [r [positive near]].
  assert (gap : 0 < Rabs (F z - F u)) by (apply Rabs_pos_lt; lra).
  set (h := Rmin (r / 2) (Rabs (F z - F u) / 2)).
  assert (h_positive : 0 < h) by (apply Rmin_case; lra).
  assert (h_r : h <= r / 2) by apply Rmin_l. assert (h_gap : h <= Rabs (F z - F u) / 2) by apply Rmin_r.
  assert (now := near h). rewrite (Rabs_pos_eq h) in now by lra. specialize (now ltac:(lra)).
  unfold c in now. rewrite Rplus_0_l in now.
  destruct (Req_EM_T h 0); [lra|]. destruct (Req_EM_T 0 0); [|contradiction].
  replace (F z - F u - 0 * h) with (F z - F u) in now by ring. lra.
Qed.

(** [A] は、出力層の加重和から活性への関数、[A' i j] は [∂a_i/∂z_j] です。すべての出力について足します。 *)
Theorem output_delta_general M (A : vec -> vec) (A' : nat -> nat -> R) ℒ (z g : vec) :
  (forall i, i ∈ M -> along_curves M (fun u => A u i) z (A' i)) ->
  totally_differentiable M ℒ (A z) g ->
  along_curves M (fun u => ℒ (A u)) z (fun j => Σ i ≤ M, (g i * A' i j)).
Proof.
  intros activations differentiable c c' t passes each.
  replace (Σ j ≤ M, ((Σ i ≤ M, (g i * A' i j)) * c' j)) with (Σ i ≤ M, (g i * (Σ j ≤ M, (A' i j * c' j)))).
  - apply (chain_rule _ _ _ _ differentiable (fun s => A (c s)) (fun i => Σ j ≤ M, (A' i j * c' j))).
    + intros i inside. apply (same_value M (fun u => A u i) z (A' i)); [apply activations; exact inside|exact passes].
    + intros i inside. apply activations; assumption.
  - transitivity (Σ i ≤ M, (Σ j ≤ M, (g i * (A' i j * c' j)))).
    + apply sum_ext. intros; symmetry; apply sum_scale.
    + rewrite sum_exchange. apply sum_ext. intros j _. rewrite <- sum_scale_r. apply sum_ext. intros; ring.
Qed.

(** ** softmax *)

Definition softmax (M : nat) (z : vec) : vec := fun i => exp (z i) / (Σ k ≤ M, exp (z k)).

Lemma exp_sum_positive M i (z : vec) : i ∈ M -> 0 < Σ k ≤ M, exp (z k).
Proof.
  intros inside. apply Rlt_le_trans with (exp (z i)); [apply exp_pos|].
  apply (sum_term_le M (fun k => exp (z k))); [intros; left; apply exp_pos|exact inside].
Qed.

Lemma softmax_positive M z i : i ∈ M -> 0 < softmax M z i.
Proof. intros inside. apply Rdiv_lt_0_compat; [apply exp_pos|apply exp_sum_positive with i; exact inside]. Qed.

(** 式 eq-softmax-jacobian。 *)
Theorem softmax_jacobian M z i : i ∈ M ->
  along_curves M (fun u => softmax M u i) z (fun j => softmax M z i * (kronecker i j - softmax M z j)).
Proof.
  intros inside c c' t passes each. set (S₀ := Σ k ≤ M, exp (z k)).
  assert (S_positive : 0 < S₀) by (apply exp_sum_positive with i; exact inside).
  assert (S_here : Σ k ≤ M, exp (c t k) = S₀) by (apply sum_ext; intros k k_inside; rewrite passes by exact k_inside; reflexivity).
  assert (one : forall k, k ∈ M -> is_derive (fun s : R => exp (c s k)) t (exp (z k) * c' k)).
  { intros k k_inside. rewrite <- (passes k k_inside). apply chain_single; [apply is_derive_exp|apply each; exact k_inside]. }
  assert (S_moves := is_derive_sum M (fun s k => exp (c s k)) (fun k => exp (z k) * c' k) t one).
  replace (Σ j ≤ M, (softmax M z i * (kronecker i j - softmax M z j) * c' j))
    with ((exp (z i) * c' i * S₀ - exp (z i) * (Σ k ≤ M, (exp (z k) * c' k))) / S₀ ^ 2).
  - assert (quotient := is_derive_div (fun s => exp (c s i)) (fun s => Σ k ≤ M, exp (c s k)) t
      (exp (z i) * c' i) (Σ k ≤ M, (exp (z k) * c' k)) (one i inside) S_moves).
    cbv beta in quotient. rewrite S_here, passes in quotient by exact inside. apply quotient. lra.
  - transitivity (Σ j ≤ M, (softmax M z i * c' j * kronecker j i) + - softmax M z i * (Σ j ≤ M, (softmax M z j * c' j))).
    + rewrite (sum_kronecker M i (fun j => softmax M z i * c' j)) by exact inside.
      assert (mean : Σ j ≤ M, (softmax M z j * c' j) = / S₀ * (Σ k ≤ M, (exp (z k) * c' k))).
      { rewrite <- sum_scale. apply sum_ext. intros k _. unfold softmax. fold S₀. field. lra. }
      rewrite mean. unfold softmax. fold S₀. field. lra.
    + rewrite <- sum_scale, <- sum_plus. apply sum_ext. intros j _.
      replace (kronecker j i) with (kronecker i j); [ring|].
      unfold kronecker. destruct (Nat.eq_dec i j), (Nat.eq_dec j i); congruence || lia.
Qed.

(** ** 対になる組 *)

(** 式 eq-identity-half-delta。 *)
Theorem identity_half_delta M y z :
  along_curves M (fun u => half_squared_error M y (fun j => identity (u j))) z (fun j => z j - y j).
Proof.
  apply along_ext with (fun j => (identity (z j) - y j) * 1); [intros; unfold identity; ring|].
  apply (elementwise_delta M identity (fun _ => 1)); [intros; apply identity_derivative|].
  apply half_squared_error_differentiable.
Qed.

(** 式 eq-mse-sigmoid-delta。傾きが残る組です。 *)
Theorem mse_sigmoid_delta M y z :
  along_curves M (fun u => mse M y (fun j => sigmoid (u j))) z
    (fun j => 2 / INR M * (sigmoid (z j) - y j) * (sigmoid (z j) * (1 - sigmoid (z j)))).
Proof.
  apply (elementwise_delta M sigmoid (fun t => sigmoid t * (1 - sigmoid t))); [intros; apply sigmoid_derivative|].
  apply mse_differentiable.
Qed.

(** 式 eq-one-neuron-delta（いちばん小さな例）。 *)
Theorem one_neuron_delta y z :
  is_derive (fun t : R => (sigmoid t - y) ^ 2 / 2) z ((sigmoid z - y) * sigmoid z * (1 - sigmoid z)).
Proof.
  replace ((sigmoid z - y) * sigmoid z * (1 - sigmoid z)) with ((sigmoid z - y) * (sigmoid z * (1 - sigmoid z))) by ring.
  apply (chain_single (fun a => (a - y) ^ 2 / 2) sigmoid); [auto_derive; [exact I|field]|apply sigmoid_derivative].
Qed.

Lemma sigmoid_range z : 0 < sigmoid z < 1.
Proof.
  unfold sigmoid. assert (H := exp_pos (- z)). split; [apply Rinv_0_lt_compat; lra|].
  rewrite <- Rinv_1. apply Rinv_lt_contravar; lra.
Qed.

(** 式 eq-bce-sigmoid-delta。 *)
Theorem bce_sigmoid_delta M y z :
  along_curves M (fun u => binary_cross_entropy M y (fun j => sigmoid (u j))) z (fun j => sigmoid (z j) - y j).
Proof.
  apply along_ext with (fun j =>
    (- y j / sigmoid (z j) + (1 - y j) / (1 - sigmoid (z j))) * (sigmoid (z j) * (1 - sigmoid (z j)))).
  - intros j _. destruct (sigmoid_range (z j)). field. lra.
  - apply (elementwise_delta M sigmoid (fun t => sigmoid t * (1 - sigmoid t))); [intros; apply sigmoid_derivative|].
    apply binary_cross_entropy_differentiable. intros j _. apply sigmoid_range.
Qed.

(** 式 eq-softmax-ce-delta。目標の和が 1 でなければ、[a_j] にその和が掛かる。 *)
Theorem softmax_ce M z y :
  along_curves M (fun u => cross_entropy M y (softmax M u)) z (fun j => softmax M z j * (Σ i ≤ M, y i) - y j).
Proof.
  assert (general := output_delta_general M (softmax M)
    (fun i j => softmax M z i * (kronecker i j - softmax M z j)) (cross_entropy M y) z
    (fun i => - y i / softmax M z i) (softmax_jacobian M z)
    (cross_entropy_differentiable M y (softmax M z) (softmax_positive M z))).
  refine (along_ext M _ z _ _ _ general). intros j inside. cbv beta.
  transitivity (Σ i ≤ M, (- y i * kronecker i j) + softmax M z j * (Σ i ≤ M, y i)).
  - rewrite <- sum_scale, <- sum_plus. apply sum_ext. intros i i_inside.
    assert (H := softmax_positive M z i i_inside). field. lra.
  - rewrite (sum_kronecker M j (fun i => - y i)) by exact inside. ring.
Qed.

Theorem softmax_ce_delta M z y : Σ i ≤ M, y i = 1 ->
  along_curves M (fun u => cross_entropy M y (softmax M u)) z (fun j => softmax M z j - y j).
Proof.
  intros whole. refine (along_ext M _ z _ _ _ (softmax_ce M z y)).
  intros j _. cbv beta. rewrite whole. ring.
Qed.

(** ** 本のネットワーク

    隠れ層の活性化関数は、次の四つのどれかです。出力層と損失は、組ごとに決めます。 *)

Inductive smooth : (R -> R) -> (R -> R) -> Prop :=
  | smooth_identity : smooth identity (fun _ => 1)
  | smooth_sigmoid : smooth sigmoid (fun z => sigmoid z * (1 - sigmoid z))
  | smooth_tanh : smooth tanh (fun z => 1 - tanh z ^ 2)
  | smooth_softplus : smooth softplus sigmoid.

Lemma smooth_derivative f f' : smooth f f' -> forall z, is_derive f z (f' z).
Proof.
  intros [] z; [apply identity_derivative|apply sigmoid_derivative|apply tanh_derivative|apply softplus_derivative].
Qed.

Definition smooth_layers (net : Network) : Prop := forall l, l ∈ L net -> smooth (f net l) (f' net l).

Lemma smooth_everywhere net x : smooth_layers net -> differentiable_activations net x.
Proof. intros layers l j layer _. apply smooth_derivative, layers, layer. Qed.

Lemma assume net x ℒ g D : (1 <= L net)%nat -> differentiable_activations net x ->
  totally_differentiable (N net (L net)) ℒ (a net x (L net)) g -> backpropagated net x g D -> assumptions net x ℒ g D.
Proof. unfold assumptions. auto. Qed.

(** 平均二乗誤差。微分についての仮定は、もうありません。 *)
Theorem mse_networks net x y D : (1 <= L net)%nat -> smooth_layers net ->
  let g := fun j => 2 / INR (N net (L net)) * (a net x (L net) j - y j) in
  backpropagated net x g D -> assumptions net x (mse (N net (L net)) y) g D.
Proof.
  intros deep layers g back. apply assume; [exact deep| | |exact back].
  - apply smooth_everywhere. exact layers.
  - apply mse_differentiable.
Qed.

(** 二乗誤差の半分。 *)
Theorem half_squared_error_networks net x y D : (1 <= L net)%nat -> smooth_layers net ->
  let g := fun j => a net x (L net) j - y j in
  backpropagated net x g D -> assumptions net x (half_squared_error (N net (L net)) y) g D.
Proof.
  intros deep layers g back. apply assume; [exact deep| | |exact back].
  - apply smooth_everywhere. exact layers.
  - apply half_squared_error_differentiable.
Qed.

(** シグモイド関数の出力層と、2値クロスエントロピー。 *)
Theorem bce_networks net x y D : (1 <= L net)%nat -> smooth_layers net -> f net (L net) = sigmoid ->
  let g := fun j => - y j / a net x (L net) j + (1 - y j) / (1 - a net x (L net) j) in
  backpropagated net x g D -> assumptions net x (binary_cross_entropy (N net (L net)) y) g D.
Proof.
  intros deep layers output g back. apply assume; [exact deep| | |exact back].
  - apply smooth_everywhere. exact layers.
  - apply binary_cross_entropy_differentiable. intros j _.
    rewrite <- activation_of_z by exact deep. unfold activation. rewrite output. apply sigmoid_range.
Qed.

(** softmax の出力層と、クロスエントロピー。[E] は、[z^L] から損失までです。隠れ層の漸化式は、そのまま使えます。 *)
Theorem softmax_networks net x y D : (1 <= L net)%nat -> smooth_layers net ->
  let M := N net (L net) in
  let E := fun u => cross_entropy M y (softmax M u) in
  Σ i ≤ M, y i = 1 ->
  backward net x (fun j => softmax M (z net x (L net)) j - y j) D ->
  (forall l j, l ∈ L net -> j ∈ N net l -> is_partial (loss_from net E l) (z net x l) j (D l j)) /\
  (forall l j k, l ∈ L net -> j ∈ N net l -> k ∈ N net (l - 1) ->
     is_derive (fun t : R => loss (with_weight net l j k t) E x) (w net l j k) (D l j * a net x (l - 1) k)) /\
  (forall l j, l ∈ L net -> j ∈ N net l ->
     is_derive (fun t : R => loss (with_bias net l j t) E x) (b net l j) (D l j)).
Proof.
  intros deep layers M E whole back.
  assert (along : forall l, l ∈ L net -> along_curves (N net l) (loss_from net E l) (z net x l) (D l)).
  { apply recursion_along_curves with (fun j => softmax M (z net x (L net)) j - y j); [| |exact back].
    - intros l j layer _. apply smooth_derivative, layers. lia.
    - apply softmax_ce_delta. exact whole. }
  split; [|split]; intros.
  - apply along_partial with (N net l); [apply along|]; assumption.
  - apply weight_gradient; try assumption. apply along. assumption.
  - apply bias_gradient; try assumption. apply along. assumption.
Qed.

(** 例の平均でも同じである。 *)
Theorem softmax_gradients net m x y D : (1 <= L net)%nat -> smooth_layers net ->
  let M := N net (L net) in
  let E := fun n u => cross_entropy M (y n) (softmax M u) in
  (forall n, n ∈ m -> Σ i ≤ M, y n i = 1) ->
  (forall n, n ∈ m -> backward net (x n) (fun j => softmax M (z net (x n) (L net)) j - y n j) (D n)) ->
  (forall l j k, l ∈ L net -> j ∈ N net l -> k ∈ N net (l - 1) ->
     is_derive (fun t : R => cost (with_weight net l j k t) m E x) (w net l j k)
       (/ INR m * (Σ n ≤ m, (D n l j * a net (x n) (l - 1) k)))) /\
  (forall l j, l ∈ L net -> j ∈ N net l ->
     is_derive (fun t : R => cost (with_bias net l j t) m E x) (b net l j) (/ INR m * (Σ n ≤ m, D n l j))).
Proof.
  intros deep layers M E whole back. split.
  - intros l j k layer inside entrance.
    apply (is_derive_mean m (fun t n => loss (with_weight net l j k t) (E n) (x n))). intros n example.
    apply (softmax_networks net (x n) (y n) (D n)); auto.
  - intros l j layer inside.
    apply (is_derive_mean m (fun t n => loss (with_bias net l j t) (E n) (x n))). intros n example.
    apply (softmax_networks net (x n) (y n) (D n)); auto.
Qed.
